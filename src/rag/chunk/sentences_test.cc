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

TEST(SplitSentences_Quotes, StayWithTheirSentence) {
  EXPECT_THAT(sentences("He said \"Stop!\" Then he left. (See below.) “Why?” she asked."),
              ElementsAre("He said \"Stop!\"", "Then he left.", "(See below.)", "“Why?” she asked."));
}

TEST(SplitSentences_OtherScripts, EndAtTheirOwnStops) {
  EXPECT_THAT(sentences("这是第一句。这是“第二句！”第三句？"),
              ElementsAre("这是第一句。", "这是“第二句！”", "第三句？"));
  EXPECT_THAT(sentences("यह पहला है। यह दूसरा है।"), ElementsAre("यह पहला है।", "यह दूसरा है।"));
  EXPECT_THAT(sentences("Это первое. Вот второе."), ElementsAre("Это первое.", "Вот второе."));
}

TEST(SplitSentences_NumbersAndNames, AreNotCut) {
  EXPECT_THAT(sentences("It rose 3.5 percent to $1.2 million vs. 2019. See example.org for more."),
              ElementsAre("It rose 3.5 percent to $1.2 million vs. 2019.", "See example.org for more."));
  EXPECT_THAT(sentences("1. First item\n2. Second item"), ElementsAre("1. First item", "2. Second item"));
  EXPECT_THAT(sentences("They were in group B. The rest was not."),
              ElementsAre("They were in group B.", "The rest was not."));
}

TEST(SplitSentences_Lines, EndAtBlankLinesListsAndRows) {
  EXPECT_THAT(sentences("A heading\n\nA line\nthat goes on.\n- item\nName | Year\nAda | 1815"),
              ElementsAre("A heading", "A line\nthat goes on.", "- item", "Name | Year", "Ada | 1815"));
}

}  // namespace
}  // namespace caprock::rag
