#include "providers/local/tokenizer/unigram.h"

#include <gmock/gmock.h>

#include "providers/local/tokenizer/golden_ids.h"
#include "providers/local/tokenizer/unigram_table.h"

namespace caprock::providers {
namespace {

using ::testing::ElementsAre;

constexpr std::size_t kNoLimit = 100'000;

// Ids: 0 <s>, 1 <pad>, 2 </s>, 3 <unk>, then as listed.
std::unique_ptr<Unigram> tiny() {
  return Unigram::make(
             unigram_table({{"\u2581", -5}, {"\u2581rock", -2}, {"r", -9}, {"ro", -4}, {"ck", -4}, {"o", -9}},
                           {{U'Ｒ', U"r"}, {U'\t', U" "}}))
      .value();
}

TEST(Unigram, Word_IsCutWhereScoresAddUpToMost) {
  EXPECT_THAT(tiny()->encode("rock rorock", kNoLimit), ElementsAre(0, 5, 4, 7, 7, 8, 2));
}

TEST(Unigram, MappedCodePoint_IsReplaced) {
  EXPECT_THAT(tiny()->encode("Ｒock", kNoLimit), ElementsAre(0, 5, 2));
}

TEST(Unigram, UnknownRun_IsOneToken) {
  EXPECT_THAT(tiny()->encode("rockxyz", kNoLimit), ElementsAre(0, 5, 3, 2));
}

TEST(Unigram, MarkInText_IsText) { EXPECT_THAT(tiny()->encode("</s>", kNoLimit), ElementsAre(0, 4, 3, 2)); }

TEST(Unigram, BlankText_GivesMarksOnly) {
  EXPECT_THAT(tiny()->encode(" \t\n ", kNoLimit), ElementsAre(0, 2));
  EXPECT_THAT(tiny()->encode("", 0), ElementsAre(0, 2));
}

TEST(Unigram, LongText_IsCutToLimitWithEndMark) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "rock ";
  EXPECT_THAT(tiny()->encode(text, 5), ElementsAre(0, 5, 5, 5, 2));
  EXPECT_THAT(tiny()->encode(std::string(10'000, ' ') + "rock", 5), ElementsAre(0, 5, 2));
}

TEST(Unigram, DamagedTable_IsRefused) {
  const std::string table = unigram_table({{"a", -1}}, {{U'b', U"a"}});
  for (std::size_t size = 0; size < table.size(); ++size)
    EXPECT_FALSE(Unigram::make(table.substr(0, size)).has_value()) << size;
}

TEST(Unigram, GoldenTable_SameIdsAsReference) {
  std::string table = file_text(built_unigram_table());
  if (table.empty()) GTEST_SKIP() << "the model e5 is not built (scripts/fetch_deps.sh)";
  const auto unigram = Unigram::make(std::move(table)).value();
  const auto rows = golden_ids("e5_ids.tsv");
  ASSERT_GT(rows.size(), 300U);
  for (const auto& [text, ids] : rows) EXPECT_EQ(unigram->encode(text, kNoLimit), ids) << text;
}

}  // namespace
}  // namespace caprock::providers
