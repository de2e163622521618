#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rag/chunk/chunker.h"

namespace caprock::rag {
namespace {

std::vector<std::string> sentences(std::string_view text) {
  std::vector<std::string> result;
  for (const ByteSpan& span : split_sentences(text))
    result.emplace_back(text.substr(span.start, span.end - span.start));
  return result;
}

using testing::ElementsAre;

TEST(SplitSentences_Abbreviations, DoNotEndSentences) {
  EXPECT_THAT(sentences("Dr. Smith et al. (2020) found 3.14 units. It was, e.g. in Fig. 2, clear."),
              ElementsAre("Dr. Smith et al. (2020) found 3.14 units.", "It was, e.g. in Fig. 2, clear."));
  EXPECT_THAT(sentences("J. R. R. Tolkien wrote it. See No. 5 in the U.S. Army."),
              ElementsAre("J. R. R. Tolkien wrote it.", "See No. 5 in the U.S. Army."));
}

}  // namespace
}  // namespace caprock::rag
