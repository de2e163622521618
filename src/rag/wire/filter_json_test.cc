#include "rag/wire/filter_json.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/json/json_text.h"
#include "stores/types.h"

namespace caprock::rag {
namespace {

stores::Filter read(std::string_view text) {
  auto filter = read_filter(*base::parse_json(text), "filter");
  EXPECT_TRUE(filter) << filter.error().message;
  return filter ? *filter : stores::Filter{};
}

std::string message(std::string_view text) {
  const auto filter = read_filter(*base::parse_json(text), "filter");
  return filter ? "" : filter.error().field + "|" + filter.error().message;
}

const stores::Metadata kPaper{{"year", 2021.0}, {"tag", std::string("b")}, {"open", true}};

TEST(Filter, DocumentedExample_Holds) {
  const auto filter = read(R"({"and":[{"year":{"gte":2020}},{"tag":{"in":["a","b"]}}]})");
  EXPECT_TRUE(matches(filter, kPaper));
  EXPECT_FALSE(matches(filter, {{"year", 2019.0}, {"tag", std::string("a")}}));
}

TEST(Filter, SeveralNamesAndOperators_MustAllHold) {
  EXPECT_TRUE(matches(read(R"({"year":{"gt":2020,"lt":2022},"open":{"eq":true}})"), kPaper));
  EXPECT_FALSE(matches(read(R"({"year":{"gt":2020,"lt":2021},"open":{"eq":true}})"), kPaper));
  EXPECT_TRUE(matches(read(R"({"or":[{"year":{"eq":1}},{"tag":{"nin":["a"]}}]})"), kPaper));
}

TEST(Filter, UnknownOperator_IsNamedWithTheKnown) {
  EXPECT_EQ(
      message(R"({"and":[{"year":{"approx":2020}}]})"),
      "filter.and[0].year.approx|Unknown filter operator \"approx\"; known are eq, ne, gt, gte, lt, lte, in, "
      "nin, and, or.");
}

TEST(Filter, WrongShape_SaysWhatIsRight) {
  EXPECT_EQ(message(R"({"year":2020})"),
            "filter.year|filter.year must be an object of operators such as {\"eq\": …}, not a number.");
  EXPECT_EQ(message("{}"), "filter|filter must not be empty.");
  EXPECT_EQ(message("[]"), "filter|filter must be an object, not an array.");
  EXPECT_EQ(message(R"({"and":{}})"), "filter.and|filter.and must be a list of at least one condition.");
  EXPECT_EQ(message(R"({"tag":{"in":"a"}})"),
            "filter.tag.in|filter.tag.in must be a list of 1 to 1000 values.");
  EXPECT_EQ(message(R"({"open":{"gt":true}})"),
            "filter.open.gt|filter.open.gt must be a number or a string: booleans have no order.");
}

TEST(Filter, TooDeepOrLarge_Refused) {
  std::string deep = R"({"a":{"eq":1}})";
  for (int i = 0; i < 20; ++i) deep = R"({"and":[)" + deep + "]}";
  EXPECT_NE(message(deep).find("nested deeper than 16 levels"), std::string::npos);
  std::string wide = R"({"and":[)";
  for (int i = 0; i < 300; ++i) wide += std::string(i == 0 ? "" : ",") + R"({"a":{"eq":1}})";
  EXPECT_NE(message(wide + "]}").find("more than 256 conditions"), std::string::npos);
}

}  // namespace
}  // namespace caprock::rag
