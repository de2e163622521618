#include "providers/local/tokenizer/wordpiece.h"

#include <gmock/gmock.h>

#include "providers/local/tokenizer/golden_ids.h"

namespace caprock::providers {
namespace {

using ::testing::ElementsAre;

constexpr std::size_t kNoLimit = 100'000;

std::unique_ptr<WordPiece> tiny() {
  return WordPiece::make("[PAD]\n[UNK]\n[CLS]\n[SEP]\nrock\ncap\n##rock\n,\n##s\n").value();
}

TEST(WordPiece, Word_IsSplitIntoLongestPieces) {
  EXPECT_THAT(tiny()->encode("Caprocks, ROCK", kNoLimit), ElementsAre(2, 5, 6, 8, 7, 4, 3));
}

TEST(WordPiece, WordWithUnknownPart_IsOneUnknown) {
  EXPECT_THAT(tiny()->encode("caprockx rock", kNoLimit), ElementsAre(2, 1, 4, 3));
}

TEST(WordPiece, NoTokens_GivesMarksOnly) {
  EXPECT_THAT(tiny()->encode(" \n\t", kNoLimit), ElementsAre(2, 3));
  EXPECT_THAT(tiny()->encode("", 0), ElementsAre(2, 3));
}

TEST(WordPiece, LongText_IsCutToLimitWithEndMark) {
  EXPECT_THAT(tiny()->encode("rock rock caprocks rock", 5), ElementsAre(2, 4, 4, 5, 3));
}

TEST(WordPiece, VocabularyWithoutMarks_IsRefused) {
  const auto made = WordPiece::make("a\nb\n");
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().message, "the vocabulary has no [CLS]");
}

TEST(WordPiece, GoldenTable_SameIdsAsReference) {
  std::string vocabulary = file_text(".deps/models/minilm/vocab.txt");
  if (vocabulary.empty()) GTEST_SKIP() << "the model is not in .deps/ (scripts/fetch_deps.sh)";
  const auto wordpiece = WordPiece::make(std::move(vocabulary)).value();
  const auto rows = golden_ids("minilm_ids.tsv");
  ASSERT_GT(rows.size(), 300U);
  for (const auto& [text, ids] : rows) EXPECT_EQ(wordpiece->encode(text, kNoLimit), ids) << text;
}

}  // namespace
}  // namespace caprock::providers
