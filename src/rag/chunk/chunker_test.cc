#include "rag/chunk/chunker.h"

#include <gtest/gtest.h>

#include "base/utf8.h"
#include "rag/parse/parser.h"

namespace caprock::rag {
namespace {

TEST(ChunkDocument_LongText, SlicesMatchAndCover) {
  std::string text;
  for (int i = 0; i < 400; ++i)
    text += "Sentence number " + std::to_string(i) + " über alles. " + (i % 9 == 0 ? "\n\n" : "");
  const auto document = parse_document({.bytes = text}, {});
  ASSERT_TRUE(document);
  std::uint32_t covered = 0;
  for (const stores::Chunk& chunk : chunk_document(*document, {})) {
    EXPECT_EQ(chunk.content, base::slice_code_points(document->text, chunk.span.start, chunk.span.end));
    EXPECT_LE(chunk.span.end - chunk.span.start, 1000U);
    EXPECT_LE(chunk.span.start, covered + 2);
    covered = chunk.span.end;
  }
  EXPECT_EQ(covered, base::count_code_points(document->text));
}

TEST(ChunkDocument_Context, HasTitleSectionAndTableHeader) {
  const auto document = parse_document(
      {.bytes = "# Guide\n\n## Sizes\n\n| Name | Size |\n|---|---|\n| the common ant | small |\n",
       .declared_type = "text/markdown"},
      {});
  ASSERT_TRUE(document);
  const auto chunks = chunk_document(*document, {});
  ASSERT_EQ(chunks.size(), 1U);
  EXPECT_EQ(chunks[0].context, "Guide\nSizes\nName | Size");
  EXPECT_EQ(chunks[0].section, "Guide > Sizes");
}

TEST(ChunkDocument_Sections, BeginNewPassages) {
  const std::string body(300, 'x');
  const auto document = parse_document(
      {.bytes = "# A\n\n" + body + "\n\n# B\n\n" + body, .declared_type = "text/markdown"}, {});
  ASSERT_TRUE(document);
  const auto chunks = chunk_document(*document, {});
  ASSERT_EQ(chunks.size(), 2U);
  EXPECT_TRUE(chunks[1].content.starts_with("B\n\nx"));
}

TEST(ChunkDocument_EndlessWord, IsCutAtCodePoints) {
  std::string word;
  for (int i = 0; i < 700; ++i) word += "ä";
  const auto document = parse_document({.bytes = word}, {});
  ASSERT_TRUE(document);
  std::string joined;
  for (const stores::Chunk& chunk : chunk_document(*document, {.size = 300, .overlap = 0})) {
    EXPECT_TRUE(base::is_valid_utf8(chunk.content));
    joined += chunk.content;
  }
  EXPECT_EQ(joined, word);
}

TEST(ChunkDocument_Overlap, BeginsAtAWord) {
  std::string text;
  for (int i = 0; i < 600; ++i) text += "word" + std::to_string(i) + " ";
  const auto document = parse_document({.bytes = text}, {});
  ASSERT_TRUE(document);
  const auto chunks = chunk_document(*document, {});
  ASSERT_GT(chunks.size(), 3U);
  for (std::size_t i = 1; i < chunks.size(); ++i) {
    const auto shared = static_cast<int>(chunks[i - 1].span.end) - static_cast<int>(chunks[i].span.start);
    EXPECT_GT(shared, 150);
    EXPECT_LE(shared, 200);
    EXPECT_TRUE(chunks[i].content.starts_with("word"));
  }
}

TEST(ChunkDocument_Tokens, LimitTheEstimate) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "Some sentence of ordinary length number " + std::to_string(i) + ". ";
  const auto document = parse_document({.bytes = text}, {});
  ASSERT_TRUE(document);
  for (const stores::Chunk& chunk : chunk_document(*document, {.size = 128, .overlap = 20, .unit = "tokens"}))
    EXPECT_LE(chunk.token_count, 128U);
}

}  // namespace
}  // namespace caprock::rag
