#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/utf8.h"
#include "rag/parse/parser.h"
#include "rag/parse/pdf/bbox.h"
#include "rag/parse/testing/make_files.h"

namespace caprock::rag {
namespace {

using ::testing::HasSubstr;
using testing::make_pdf;
using ::testing::Not;
using testing::PdfLine;

ParsedDocument parsed(const std::vector<std::vector<PdfLine>>& pages) {
  auto document = parse_document({.bytes = make_pdf(pages)}, {});
  EXPECT_TRUE(document) << document.error().message << " / " << document.error().detail;
  return document ? *std::move(document) : ParsedDocument{};
}

std::vector<PdfLine> paragraph(double x, double y, const std::vector<std::string>& lines, double size = 10) {
  std::vector<PdfLine> result;
  for (const std::string& line : lines) {
    result.push_back({x, y, size, line});
    y += size * 1.2;
  }
  return result;
}

std::vector<PdfLine> operator+(std::vector<PdfLine> a, const std::vector<PdfLine>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

TEST(ParsePdf_Paragraph, JoinsLinesAndHyphens) {
  const auto document =
      parsed({paragraph(72, 100,
                        {"The airplane was landing on the long run-", "way when the information about infor-",
                         "mation was lost in a well-known way."})});
  EXPECT_EQ(
      document.text,
      "The airplane was landing on the long runway when the information about information was lost in a "
      "well-known way.");
  ASSERT_EQ(document.blocks.size(), 1U);
  ASSERT_EQ(document.blocks[0].lines.size(), 3U);
  EXPECT_EQ(document.blocks[0].page, 1U);
  EXPECT_NEAR(document.blocks[0].lines[1].box.x0, 72, 1);
  const auto& span = document.blocks[0].lines[1].span;
  EXPECT_EQ(base::slice_code_points(document.text, span.start, span.end),
            "way when the information about infor");
}

TEST(ParsePdf_TwoColumns, AreReadOneAfterTheOther) {
  const auto left = paragraph(60, 120,
                              {"Left column begins with these words", "and goes on with several more words",
                               "until it ends with a left full stop."});
  const auto right = paragraph(320, 120,
                               {"Right column begins with these words", "and goes on with several more words",
                                "until it ends with a right full stop."});
  const auto document =
      parsed({std::vector<PdfLine>{{60, 80, 20, "A Title Across Both Of The Columns Here"}} + left + right});
  EXPECT_EQ(document.title, "A Title Across Both Of The Columns Here");
  EXPECT_THAT(
      document.text,
      HasSubstr("these words and goes on with several more words until it ends with a left full stop."));
  EXPECT_LT(document.text.find("left full stop"), document.text.find("Right column"));
}

TEST(ParsePdf_Table, IsReadRowByRow) {
  const auto document = parsed({{{72, 100, 10, "Location:"},
                                 {180, 100, 10, "Tallahassee"},
                                 {350, 100, 10, "Engines:"},
                                 {450, 100, 10, "2"},
                                 {72, 125, 10, "Restraint:"},
                                 {180, 125, 10, "Seatbelt, Shoulder"},
                                 {350, 125, 10, "Seats:"},
                                 {450, 125, 10, "4"},
                                 {180, 137, 10, "harness"}}});
  EXPECT_EQ(document.text,
            "Location: Tallahassee | Engines: 2\nRestraint: Seatbelt, Shoulder harness | Seats: 4");
}

TEST(ParsePdf_RunningLines, AreDropped) {
  std::vector<std::vector<PdfLine>> pages;
  for (int i = 1; i <= 4; ++i)
    pages.push_back(
        std::vector<PdfLine>{{72, 40, 9, "Annual Report"}, {300, 760, 9, "Seite " + std::to_string(i + 10)}} +
        paragraph(72, 100,
                  {"The text of page " + std::to_string(i) + " goes on without an end and",
                   "runs over to the next page while it is"}));
  const auto document = parsed(pages);
  EXPECT_THAT(document.text, Not(HasSubstr("Annual Report")));
  EXPECT_THAT(document.text, Not(HasSubstr("Seite")));
  EXPECT_THAT(document.text, HasSubstr("The text of page 4"));
  EXPECT_EQ(document.pages, 4U);
  EXPECT_EQ(document.blocks.back().page, 4U);
}

TEST(ParsePdf_SentenceOverPages, StaysOneParagraph) {
  const auto document = parsed({paragraph(72, 600, {"This sentence began upon the first page and it"}),
                                paragraph(72, 80, {"ended upon the second page of the document."})});
  ASSERT_EQ(document.blocks.size(), 1U);
  EXPECT_EQ(document.blocks[0].lines[1].page, 2U);
}

TEST(ParsePdf_Headings, ComeFromTheSize) {
  const auto document =
      parsed({std::vector<PdfLine>{{72, 80, 16, "Findings"}} +
              paragraph(72, 110,
                        {"Some body text that is long enough to be the body.", "And a second line of it."})});
  EXPECT_EQ(document.blocks[0].kind, Block::Kind::kHeading);
  EXPECT_EQ(document.blocks[1].section, "Findings");
}

TEST(ParsePdf_Scan, SaysThatItHasNoText) {
  const auto document = parse_document({.bytes = make_pdf({{}, {}})}, {});
  ASSERT_FALSE(document);
  EXPECT_THAT(document.error().message, HasSubstr("no text (2 pages): it is probably a scan"));
}

TEST(ParsePdf_Locked, SaysThatItNeedsAPassword) {
  const auto document = parse_document({.bytes = testing::make_locked_pdf()}, {});
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().kind, base::ErrorKind::kInvalidArgument);
  EXPECT_THAT(document.error().message, HasSubstr("protected by a password"));
}

TEST(ParsePdf_Broken, SaysSo) {
  const auto document = parse_document({.bytes = "%PDF-1.4\nnothing of use"}, {});
  ASSERT_FALSE(document);
  EXPECT_THAT(document.error().message, HasSubstr("broken"));
}

TEST(ReadBbox_Garbage, IsAnErrorOrEmpty) {
  EXPECT_FALSE(pdf::read_bbox("", 1000));
  EXPECT_FALSE(pdf::read_bbox("<word xMin=\"1\">lost</word>", 1000));
  EXPECT_TRUE(pdf::read_bbox("<page width=\"nan\"><line ><word yMax=\"1e99\">x</word></line>", 1000));
}

}  // namespace
}  // namespace caprock::rag
