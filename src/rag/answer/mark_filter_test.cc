#include "rag/answer/mark_filter.h"

#include <gtest/gtest.h>

#include "base/utf8.h"

namespace caprock::rag {
namespace {

using Numbers = std::map<std::uint32_t, std::vector<std::uint32_t>>;

std::string filtered(std::string_view text, Numbers numbers, std::size_t step = 1) {
  MarkFilter filter;
  filter.assign(std::move(numbers));
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += step) out += filter.push(text.substr(i, step));
  out += filter.finish();
  EXPECT_EQ(out, filter.text());
  return out;
}

TEST(MarkFilter, Refs_BecomeCitationNumbers) {
  const Numbers numbers{{4, {1, 2}}, {2, {3}}};
  for (std::size_t step = 1; step < 40; ++step) {
    EXPECT_EQ(filtered("Ice formed [4]. It fell [2, 4]. Again [4].", numbers, step),
              "Ice formed [1]. It fell [3][2]. Again [2].");
  }
}

TEST(MarkFilter, RefWithoutCheckedCitation_Disappears) {
  EXPECT_EQ(filtered("Ice formed [3]. Done [1].", {{1, {1}}}), "Ice formed. Done [1].");
}

TEST(MarkFilter, BracketsThatAreNoMarks_Stay) {
  EXPECT_EQ(filtered("In [2019] the array a[i] and [see", {}), "In [2019] the array a[i] and [see");
}

TEST(MarkFilter, UnmarkedCitations_AreMarkedAtTheEnd) {
  EXPECT_EQ(filtered("Ice formed.", {{1, {2}}, {3, {1}}}), "Ice formed. [1][2]");
}

TEST(MarkFilter, Span_IsTheSentenceBeforeTheMark) {
  MarkFilter filter;
  filter.assign({{1, {1}}, {2, {2}}});
  filter.push("Süßes zuerst. The engine failed [1]. Then rain fell [2].");
  filter.finish();
  const auto slice = [&](std::uint32_t n) {
    const auto span = filter.spans().at(n);
    return std::string(base::slice_code_points(filter.text(), span.start, span.end));
  };
  EXPECT_EQ(slice(1), "The engine failed");
  EXPECT_EQ(slice(2), "Then rain fell");
}

}  // namespace
}  // namespace caprock::rag
