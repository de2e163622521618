#include "rag/answer/candidates.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/utf8.h"
#include "rag/answer/testing/fakes.h"

namespace caprock::rag {
namespace {

using testing::passage;

TEST(Candidates, Span_IsTheSentenceInTheDocument) {
  const std::string document = "Überschrift – lang. The engine lost power. Ice was found in the carburetor.";
  const std::string content(base::slice_code_points(document, 20, 1000));
  const std::vector passages{passage("a", 0, 20, content, 1)};
  const auto candidates = collect_candidates(analyse_question("Why did the engine stop?"), passages, 10);
  ASSERT_EQ(candidates.size(), 2U);
  for (const Candidate& it : candidates) {
    EXPECT_EQ(base::slice_code_points(document, it.span.start, it.span.end), it.text);
    EXPECT_EQ(content.substr(it.bytes.start, it.bytes.end - it.bytes.start), it.text);
  }
}

TEST(Candidates, SentenceInTwoOverlappingPassages_AppearsOnce) {
  const std::string a = "One thing is here. The engine lost power.";
  const std::string b = "engine lost power. Then it landed.";
  const std::vector passages{passage("a", 1, 23, b, 1), passage("a", 0, 0, a, 0.5),
                             passage("b", 0, 0, a, 0.4)};
  const auto candidates = collect_candidates(analyse_question("engine power"), passages, 10);
  const auto copies = std::ranges::count_if(candidates, [&](const Candidate& it) {
    return passages[it.passage].key.document.str() == "a" && it.text.find("lost power") != std::string::npos;
  });
  EXPECT_EQ(copies, 1);
  const auto whole = std::ranges::any_of(
      candidates, [](const Candidate& it) { return it.text == "The engine lost power."; });
  EXPECT_TRUE(whole) << "the longer reading stays";
}

TEST(Candidates, RareWord_CountsMoreThanACommonOne) {
  const std::vector passages{
      passage("a", 0, 0, "The flight left. The flight landed. A flight hit birds. The flight was long.", 1)};
  const auto candidates = collect_candidates(analyse_question("flight birds"), passages, 10);
  EXPECT_GT(candidates[2].features[kCoverage], 0.99);
  EXPECT_LT(candidates[0].features[kCoverage], 0.4);
}

TEST(Candidates, HeadingThatRepeatsTheQuestion_IsNoCandidate) {
  const std::string content =
      "Probable Cause and Findings\n\nThe probable cause was ice in the fuel.\n\nGustave Eiffel\n\nCause";
  const std::vector passages{passage("a", 0, 0, content, 1)};
  std::vector<std::string> texts;
  for (const Candidate& it :
       collect_candidates(analyse_question("What was the probable cause?"), passages, 10))
    texts.push_back(it.text);
  EXPECT_EQ(texts, (std::vector<std::string>{"The probable cause was ice in the fuel.", "Gustave Eiffel"}));
}

TEST(AnswerUnits, RunOnText_IsCutAtItsSeams) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "row " + std::to_string(i) + ", value é; ";
  std::size_t last = 0;
  for (const ByteSpan& unit : answer_units(text)) {
    EXPECT_LE(unit.end - unit.start, 450U);
    EXPECT_GE(unit.start, last);
    EXPECT_TRUE(base::is_valid_utf8(text.substr(unit.start, unit.end - unit.start)));
    last = unit.end;
  }
  EXPECT_TRUE(answer_units(" \n ").empty());
  EXPECT_FALSE(answer_units(std::string(5000, 'x')).empty());
}

}  // namespace
}  // namespace caprock::rag
