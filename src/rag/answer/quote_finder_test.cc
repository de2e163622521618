#include "rag/answer/quote_finder.h"

#include <gtest/gtest.h>

namespace caprock::rag {
namespace {

std::string found(std::string_view source, std::string_view quote) {
  const auto span = find_quote(source, quote);
  return span ? std::string(source.substr(span->start, span->end - span->start)) : "(not found)";
}

struct Row {
  std::string source;
  std::string quote;
  std::string found;
};
class Quote : public testing::TestWithParam<Row> {};

TEST_P(Quote, Variants_FindTheOriginal) {
  EXPECT_EQ(found(GetParam().source, GetParam().quote), GetParam().found);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Quote,
    testing::Values(Row{"The engine lost power.", "engine lost power", "engine lost power"},
                    Row{"The engine\n  lost\u00A0power.", "engine lost power", "engine\n  lost\u00A0power"},
                    Row{"It was “quite” fast", "It was \"quite\" fast", "It was “quite” fast"},
                    Row{"the pilot’s log", "the pilot's log", "the pilot’s log"},
                    Row{"1990–1995 and —", "1990-1995", "1990–1995"},
                    Row{"an e\uFB03cient \uFB01lter", "efficient filter", "e\uFB03cient \uFB01lter"},
                    Row{"main\u00ADtenance was late", "maintenance was", "main\u00ADtenance was"},
                    Row{"caf\u00E9 noir", "cafe\u0301 noir", "caf\u00E9 noir"},
                    Row{"and so on… then", "so on... then", "so on… then"},
                    // Marks around the quote and a full stop that is not there.
                    Row{"the cause was ice, which", "“the cause was ice.”", "the cause was ice"},
                    Row{"the cause was ice, which", "…the cause was ice…", "the cause was ice"},
                    // Whole words only.
                    Row{"a party for 1438 guests", "art", "(not found)"},
                    Row{"a party for 1438 guests", "438", "(not found)"}, Row{"parts of art", "art", "art"},
                    // Another wording is no quotation.
                    Row{"The engine lost power.", "The motor lost power.", "(not found)"},
                    Row{"The engine lost power.", "the engine lost power", "(not found)"},
                    Row{"The engine lost power.", "", "(not found)"},
                    Row{"The engine.", " . ", "(not found)"}, Row{"", "x", "(not found)"}));

stores::Chunk chunk(std::uint32_t start, std::string content) {
  const auto size = static_cast<std::uint32_t>(content.size());
  return {.span = {start, start + size}, .content = std::move(content)};
}

TEST(JoinChunks, Overlap_IsTakenOnce) {
  const std::vector chunks{chunk(10, "one two three"), chunk(18, "three four")};
  const SourceText joined = join_chunks(chunks);
  EXPECT_EQ(joined.text, "one two three four");
  EXPECT_EQ(joined.start, 10U);
}

TEST(JoinChunks, GapBetweenBlocks_KeepsOffsets) {
  const std::vector chunks{chunk(0, "one"), chunk(5, "two"), chunk(500, "far")};
  EXPECT_EQ(join_chunks(chunks).text, "one\n\ntwo");
}

}  // namespace
}  // namespace caprock::rag
