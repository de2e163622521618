#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rag/parse/formats.h"
#include "rag/parse/parser.h"
#include "rag/parse/testing/make_files.h"

namespace caprock::rag {
namespace {

using ::testing::HasSubstr;
using namespace std::string_literals;

std::string detected(std::string bytes, std::string type = {}, std::string name = {}) {
  const auto found = detect_type(
      {.bytes = std::move(bytes), .declared_type = std::move(type), .file_name = std::move(name)});
  return found ? *found : "error: " + found.error().message;
}

TEST(DetectType_Bytes, DecideAloneWithoutHints) {
  EXPECT_EQ(detected(testing::make_pdf({{}})), mime::kPdf);
  EXPECT_EQ(detected(testing::make_docx("")), mime::kDocx);
  EXPECT_EQ(detected(testing::make_xlsx("", {})), mime::kXlsx);
  EXPECT_EQ(detected("<!DOCTYPE html><p>x"), mime::kHtml);
  EXPECT_EQ(detected("\xEF\xBB\xBF  <html><body>x"), mime::kHtml);
  EXPECT_EQ(detected("<?xml version='1.0'?>\n<html xmlns='x'/>"), mime::kHtml);
  EXPECT_EQ(detected("{\"a\":1}\n{\"a\":2}\n"), mime::kJsonLines);
  EXPECT_EQ(detected("name,year,city\nAda,1815,London\nAlan,1912,London\n"), mime::kCsv);
  EXPECT_EQ(detected("name\tyear\tcity\nAda\t1815\tLondon\nAlan\t1912\tLondon\n"), mime::kTsv);
  EXPECT_EQ(detected("# Title\n\nSee [this](x) and **that**.\n"), mime::kMarkdown);
  EXPECT_EQ(detected("Once, upon, a time.\nThere was, well, prose, and more.\nThe end.\n"), mime::kText);
  EXPECT_EQ(detected("h\0i\0 \0t\0h\0e\0r\0e\0"s), mime::kText);
}

TEST(DetectType_Hints, DecideBetweenTexts) {
  EXPECT_EQ(detected("plain words", "text/markdown; charset=utf-8"), mime::kMarkdown);
  EXPECT_EQ(detected("plain words", "text/plain", "notes.md"), mime::kMarkdown);
  EXPECT_EQ(detected("a;b\n1;2", "", "x.CSV"), mime::kCsv);
  EXPECT_EQ(detected("{\"a\":1}", "application/jsonl"), mime::kJsonLines);
  EXPECT_EQ(detected("# Title\n\n- a\n", "text/plain", "x.txt"), mime::kText);
  EXPECT_EQ(detected("{\"a\": [1, 2]}", "application/json"), mime::kText);
  EXPECT_EQ(detected(testing::make_pdf({{}}), "application/octet-stream", "x.txt"), mime::kPdf);
}

TEST(DetectType_Foreign, NamesWhatItIsAndWhatIsRead) {
  EXPECT_THAT(detected("\x89PNG\r\n\x1A\n....", "image/png"), HasSubstr("a PNG image"));
  EXPECT_THAT(detected("\x89PNG\r\n\x1A\n....", "image/png"), HasSubstr("PDF, Word (.docx)"));
  EXPECT_THAT(detected("PK\3\4 anything"), HasSubstr("a ZIP archive"));
  EXPECT_THAT(detected("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"
                       "W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0"s),
              HasSubstr("save it as .docx"));
  EXPECT_THAT(detected("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"
                       "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0"s),
              HasSubstr("password-protected"));
  EXPECT_THAT(detected("\x01\x02\0\x03\xFF\0\0\x07"s), HasSubstr("binary data"));
  EXPECT_THAT(detected("words", "application/x-foo"), HasSubstr("declared as application/x-foo"));
}

TEST(DetectType_LyingType, IsNamed) {
  EXPECT_THAT(detected("just words", "application/pdf"),
              HasSubstr("declared as application/pdf but is plain text"));
  EXPECT_THAT(detected(testing::make_pdf({{}}), "text/plain"),
              HasSubstr("declared as text/plain but is a PDF"));
  EXPECT_THAT(detected("just words", "image/png"), HasSubstr("image/png"));
}

TEST(DetectType_Empty, SaysSo) { EXPECT_THAT(detected(""), HasSubstr("empty")); }

}  // namespace
}  // namespace caprock::rag
