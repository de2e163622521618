#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/utf8.h"
#include "rag/parse/formats.h"
#include "rag/parse/parser.h"
#include "rag/parse/testing/make_files.h"

namespace caprock::rag {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

ParsedDocument parsed(std::string bytes, std::string name = {}) {
  auto document = parse_document({.bytes = std::move(bytes), .file_name = std::move(name)}, {});
  EXPECT_TRUE(document) << document.error().message << " / " << document.error().detail;
  return document ? *std::move(document) : ParsedDocument{};
}

std::string failure_of(std::string bytes, std::string name = {}) {
  const auto document = parse_document({.bytes = std::move(bytes), .file_name = std::move(name)}, {});
  EXPECT_FALSE(document);
  return document ? "" : document.error().message;
}

TEST(ParseCsv_QuotedFields, BecomeRowsWithTheirHeader) {
  const auto document = parsed("name;note\n\"Ada; L.\";\"said \"\"hi\"\"\nthen left\"\nAlan;\n", "x.csv");
  EXPECT_EQ(document.text, "name | note\nAda; L. | said \"hi\" then left\nAlan");
  EXPECT_EQ(document.blocks[1].table_header, "name | note");
  EXPECT_EQ(document.blocks[1].kind, Block::Kind::kTableRow);
}

TEST(ParseCsv_NumbersInFirstRow, HaveNoHeader) {
  EXPECT_EQ(parsed("1,2\n3,4\n", "x.csv").blocks[1].table_header, "");
}

TEST(ParseJsonLines_Objects, BecomeKeysAndValues) {
  const auto document =
      parsed("{\"title\":\"A\",\"tags\":[\"x\",2],\"at\":{\"city\":\"Rom\"}}\n\n{\"title\":\"B\"}\n");
  EXPECT_EQ(document.text, "title: A\ntags: x, 2\nat.city: Rom\n\ntitle: B");
  EXPECT_THAT(failure_of("{\"a\":1}\n{\"a\":\n", "x.jsonl"), HasSubstr("line 2"));
}

TEST(ParseHtml_Page, KeepsContentAndDropsFurniture) {
  const auto document =
      parsed(R"(<!doctype html><html><head><title>The  page</title><style>p{}</style></head><body>
      <nav>Home</nav><main><h1>Top &amp; first</h1><p>Some <b>bold</b>
      text<br>next line.<script>alert(1)</script></p><h2>Data</h2><ul><li>one<ul><li>inner</li></ul></li><li>two</li></ul>
      <table><tr><th>Name</th><th>Year</th></tr><tr><td>Ada</td><td>1815</td></tr></table><pre>a
  b</pre></main><footer>(c)</footer></body></html>)");
  EXPECT_EQ(document.title, "The page");
  EXPECT_EQ(document.text,
            "Top & first\n\nSome bold text\nnext line.\n\nData\n\n- one\n- inner\n- two\n\nName | Year\nAda "
            "| 1815\n\na\n  b");
  const Block& row = document.blocks[document.blocks.size() - 2];
  EXPECT_EQ(row.section, "Top & first > Data");
  EXPECT_EQ(row.table_header, "Name | Year");
}

TEST(ParseHtml_DeepNesting, IsRead) {
  std::string deep = "<html><body>";
  for (int i = 0; i < 4'000; ++i) deep += "<div>";
  EXPECT_EQ(parsed(deep + "bottom").text, "bottom");
}

TEST(ParseHtml_WithoutText, IsAnError) {
  EXPECT_THAT(failure_of("<html><script>x</script></html>"), HasSubstr("no text"));
}

TEST(ParseDocx_Document, HeadingsListsTables) {
  const auto document = parsed(testing::make_docx(
      R"(<w:p><w:pPr><w:pStyle w:val="Ueberschrift1"/></w:pPr><w:r><w:t>Chapter</w:t></w:r></w:p>)"
      R"(<w:p><w:r><w:t xml:space="preserve">Some </w:t></w:r><w:del><w:r><w:delText>old</w:delText></w:r></w:del><w:ins><w:r><w:t>new text</w:t></w:r></w:ins></w:p>)"
      R"(<w:p><w:pPr><w:pStyle w:val="Own"/></w:pPr><w:r><w:t>Part</w:t></w:r></w:p>)"
      R"(<w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>item</w:t></w:r></w:p>)"
      R"(<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Name</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>Age</w:t></w:r></w:p></w:tc></w:tr>)"
      R"(<w:tr><w:tc><w:p><w:r><w:t>Ada</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>36</w:t></w:r></w:p></w:tc></w:tr></w:tbl>)"));
  EXPECT_EQ(document.title, "Chapter");
  EXPECT_EQ(document.text, "Chapter\n\nSome new text\n\nPart\n\n- item\n\nName | Age\nAda | 36");
  EXPECT_EQ(document.blocks.back().section, "Chapter > Part");
  EXPECT_EQ(document.blocks.back().table_header, "Name | Age");
}

TEST(ParseXlsx_Workbook, SheetsRowsAndDates) {
  const auto document = parsed(testing::make_xlsx(
      R"(<row r="1"><c r="B1" t="s"><v>0</v></c><c r="C1" t="s"><v>1</v></c><c r="D1" t="inlineStr"><is><t>Share</t></is></c></row>)"
      R"(<row r="2"><c r="B2" t="s"><v>2</v></c><c r="C2" s="1"><v>45352</v></c><c r="D2" s="3"><v>0.125</v></c></row>)"
      R"(<row r="3"><c r="B3"><v>0.1</v></c><c r="D3" s="2"><v>45352.5</v></c></row>)",
      {"Item", "Day", "Nuts"}));
  EXPECT_EQ(document.text,
            "Sales\n\nItem | Day | Share\nNuts | 2024-03-01 | 12.5%\n0.1 | | 2024-03-01 12:00");
  EXPECT_EQ(document.blocks[2].section, "Sales");
  EXPECT_EQ(document.blocks[2].table_header, "Item | Day | Share");
}

TEST(ParseDocx_ZipBomb, IsRefused) {
  const std::string bomb(8U << 20U, ' ');
  const auto document = parse_document(
      {.bytes = testing::make_zip({{"[Content_Types].xml", "<Types/>"}, {"word/document.xml", bomb}})},
      {.max_text = {1U << 20U}});
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().kind, base::ErrorKind::kPayloadTooLarge);
  EXPECT_THAT(document.error().message, HasSubstr("ZIP bomb"));
}

}  // namespace
}  // namespace caprock::rag
