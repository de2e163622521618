#include "rag/answer/selection.h"

#include <gtest/gtest.h>

#include "base/utf8.h"
#include "rag/answer/testing/fakes.h"

namespace caprock::rag {
namespace {

Candidate candidate(std::size_t passage, std::uint32_t start, std::string text, double score) {
  Candidate it{
      .passage = passage, .span = {start, start + 10}, .text = text, .words = {text}, .score = score};
  return it;
}

TEST(ChooseSentences, Best_ComeInReadingOrder) {
  const std::vector all{candidate(1, 0, "d", 0.5), candidate(0, 90, "c", 0.9), candidate(0, 10, "a", 0.6),
                        candidate(0, 50, "b", 0.3)};
  EXPECT_EQ(choose_sentences(all, 3), (std::vector<std::size_t>{2, 1, 0}));
}

TEST(ChooseSentences, RepeatsAndFarWeakerOnes_StayOut) {
  const std::vector all{candidate(0, 0, "a", 0.9), candidate(1, 0, "a", 0.8), candidate(2, 0, "b", 0.01)};
  EXPECT_EQ(choose_sentences(all, 3), (std::vector<std::size_t>{0}));
}

TEST(ChooseSentences, Nothing_GivesNothing) { EXPECT_TRUE(choose_sentences({}, 3).empty()); }

TEST(WorthEmbedding, Best_KeepTheirOrder) {
  std::vector<Candidate> all;
  for (int i = 0; i < 10; ++i)
    all.push_back(candidate(0, static_cast<std::uint32_t>(i), std::to_string(i), i % 5));
  const auto kept = worth_embedding(all, 4);
  ASSERT_EQ(kept.size(), 4U);
  EXPECT_EQ(kept[0].text, "3");
  EXPECT_EQ(kept[3].text, "9");
}

TEST(Cite, Spans_HoldForAnswerAndDocument) {
  const std::string content = "Süß ist\n der Käse. Er kostet 4 €.";
  const std::vector passages{testing::passage("a", 0, 7, content, 1)};
  const auto candidates = collect_candidates(analyse_question("Käse 4"), passages, 10);
  ASSERT_EQ(candidates.size(), 2U);
  const CitedText cited = cite(candidates, std::vector<std::size_t>{0, 1}, passages);
  EXPECT_EQ(cited.text, "Süß ist der Käse. [1] Er kostet 4 €. [2]");
  EXPECT_EQ(cited.citations[0].quote, "Süß ist\n der Käse.");
  EXPECT_EQ(cited.citations[0].source_span, (stores::TextSpan{7, 7 + 18}));
  EXPECT_EQ(base::slice_code_points(cited.text, cited.citations[1].answer_span.start,
                                    cited.citations[1].answer_span.end),
            "Er kostet 4 €.");
}

}  // namespace
}  // namespace caprock::rag
