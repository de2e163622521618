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

}  // namespace
}  // namespace caprock::rag
