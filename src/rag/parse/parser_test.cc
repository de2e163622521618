#include "rag/parse/parser.h"

#include <gtest/gtest.h>

namespace caprock::rag {
namespace {

TEST(ParseDocument_PlainText, ParagraphsAndPages) {
  const auto document = parse_document({.bytes = "One\ntwo.\r\n\r\nThree.\fFour."}, {});
  ASSERT_TRUE(document) << document.error().message;
  EXPECT_EQ(document->text, "One\ntwo.\n\nThree.\n\nFour.");
  ASSERT_EQ(document->blocks.size(), 3U);
  EXPECT_EQ(document->pages, 2U);
  EXPECT_EQ(document->blocks[2].page, 2U);
}

TEST(ParseDocument_PagesOfAPaper, HaveNumberedSections) {
  const auto document = parse_document({.bytes = "A Paper\nAbstract\nShort.\n1 Introduction\nText of it.\n8 "
                                                 "GPUs\nwere used.\f1.1 Scope\nMore.\n2 Methods\nLast."},
                                       {});
  ASSERT_TRUE(document);
  std::string sections;
  for (const Block& block : document->blocks)
    if (block.kind != Block::Kind::kHeading) sections += block.section + ";";
  EXPECT_EQ(sections, ";Abstract;1 Introduction;1 Introduction > 1.1 Scope;2 Methods;");
}

TEST(ParseDocument_Markdown, HeadingsBecomeSections) {
  const auto document = parse_document(
      {.bytes = "# Guide\n\nIntro *text*.\n\n## Setup\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
       .file_name = "x.md"},
      {});
  ASSERT_TRUE(document) << document.error().message;
  EXPECT_EQ(document->title, "Guide");
  EXPECT_EQ(document->text, "Guide\n\nIntro text.\n\nSetup\n\n- one\n- two\n\na | b\n1 | 2");
  EXPECT_EQ(document->blocks.back().section, "Guide > Setup");
  EXPECT_EQ(document->blocks.back().table_header, "a | b");
}

}  // namespace
}  // namespace caprock::rag
