#include "server/surfaces/rest/multipart.h"

#include <gtest/gtest.h>

#include "server/surfaces/rest/multipart_headers.h"

namespace caprock::server::rest {
namespace {

using base::Result;

Result<std::vector<Part>> parse(std::string_view body, std::size_t piece = 1 << 20,
                                MultipartParser::Limits limits = {}) {
  MultipartParser parser("XX", limits);
  for (std::size_t at = 0; at < body.size(); at += piece) CAPROCK_CHECK(parser.feed(body.substr(at, piece)));
  return std::move(parser).finish();
}

constexpr std::string_view kTwoParts =
    "preamble\r\n--XX\r\nContent-Disposition: form-data; name=\"collection\"\r\n\r\npapers\r\n"
    "--XX  \r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\nContent-Type: "
    "text/plain\r\n\r\n"
    "one\r\n--X two\r\n\r\n--XX--\r\nepilogue";

TEST(Multipart, AnyPieces_SameParts) {
  for (const std::size_t piece : {1UL, 2UL, 3UL, 7UL, 64UL, 1000UL}) {
    const auto parts = parse(kTwoParts, piece);
    ASSERT_TRUE(parts) << parts.error().message;
    ASSERT_EQ(parts->size(), 2U);
    EXPECT_EQ((*parts)[0].name, "collection");
    EXPECT_FALSE((*parts)[0].file_name);
    EXPECT_EQ((*parts)[0].body, "papers");
    EXPECT_EQ((*parts)[1].file_name, "a.txt");
    EXPECT_EQ((*parts)[1].content_type, "text/plain");
    EXPECT_EQ((*parts)[1].body, "one\r\n--X two\r\n");
  }
}

TEST(Multipart, EmptyBodyOfAPart_IsEmpty) {
  const auto parts =
      parse("--XX\r\nContent-Disposition: form-data; name=a; filename=\"e\"\r\n\r\n\r\n--XX--");
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->at(0).body, "");
  EXPECT_EQ(parts->at(0).name, "a");
}

std::string message(std::string_view body, MultipartParser::Limits limits = {}) {
  const auto parts = parse(body, 5, limits);
  return parts ? "" : parts.error().message;
}

TEST(Multipart, Broken_SaysWhat) {
  EXPECT_EQ(message(""), "The upload does not contain its multipart boundary.");
  EXPECT_EQ(message("--YY\r\n"), "The upload does not contain its multipart boundary.");
  EXPECT_EQ(message(kTwoParts.substr(0, 150)),
            "The upload ends before its closing multipart boundary: it was cut off.");
  EXPECT_EQ(message("--XX\r\nContent-Type: text/plain\r\n\r\nx\r\n--XX--"),
            "Part 1 of the upload has no Content-Disposition: form-data with a name.");
  EXPECT_EQ(message("--XX\r\n\r\nx\r\n--XX--"),
            "Part 1 of the upload has no Content-Disposition: form-data with a name.");
  EXPECT_EQ(message("--XX\r\nrubbish\r\n\r\nx\r\n--XX--"),
            "A header line of part 1 of the upload has no colon.");
  EXPECT_EQ(message("--XXrubbish\r\n"), "A multipart boundary is followed by neither a line end nor \"--\".");
}

TEST(Multipart, Limits_SayWhich) {
  const std::string part = "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n0123456789\r\n";
  EXPECT_EQ(message(part + part + part + "--XX--", {.parts = 2}), "The upload has more than 2 parts.");
  EXPECT_EQ(message(part + "--XX--", {.headers = 20}),
            "The headers of part 1 of the upload are above 20 bytes.");
  EXPECT_EQ(message(part + "--XX--", {.field = 9}), "The form field \"a\" is above 9 bytes.");
  EXPECT_EQ(message(part + "--XX--", {.field = 10}), "");
}

TEST(Multipart, Boundary_ReadAndChecked) {
  EXPECT_EQ(*multipart_boundary("Multipart/Form-Data ; boundary=\"a b\""), "a b");
  EXPECT_EQ(*multipart_boundary("multipart/form-data; charset=utf-8; boundary=----x1"), "----x1");
  EXPECT_EQ(multipart_boundary("multipart/form-data").error().message,
            "The Content-Type multipart/form-data has no boundary.");
  EXPECT_EQ(multipart_boundary("application/json").error().kind, base::ErrorKind::kUnsupportedMediaType);
  EXPECT_FALSE(multipart_boundary("multipart/form-data; boundary=" + std::string(71, 'x')));
  EXPECT_FALSE(multipart_boundary("multipart/form-data; boundary=\"a\x01\""));
}

TEST(Multipart, FileNames_NeverLeaveTheirFolder) {
  const auto clean = [](std::string_view given) {
    const auto c = clean_file_name(given);
    return c.folder + "|" + c.name;
  };
  EXPECT_EQ(clean("../../etc/passwd"), "etc|passwd");
  EXPECT_EQ(clean("C:\\Users\\me\\Report 1.pdf"), "Users/me|Report 1.pdf");
  EXPECT_EQ(clean("/a//./b.txt"), "a|b.txt");
  EXPECT_EQ(clean("bad\xff\n.txt"), "|bad\xEF\xBF\xBD.txt");
  EXPECT_EQ(clean(".."), "|");
}

TEST(Multipart, ExtendedFileName_WinsWhereItIsUtf8) {
  const auto part = read_part_headers(
      "Content-Disposition: form-data; name=\"f\"; filename=\"x.txt\"; "
      "filename*=UTF-8''%E2%82%AC%20rates.txt",
      1);
  ASSERT_TRUE(part);
  EXPECT_EQ(part->file_name, "€ rates.txt");
  const auto latin = read_part_headers(
      "Content-Disposition: form-data; name=\"f\"; filename=\"q\\\"1;2.txt\"; filename*=iso-8859-1''%A3", 1);
  EXPECT_EQ(latin->file_name, "q\"1;2.txt");
}

}  // namespace
}  // namespace caprock::server::rest
