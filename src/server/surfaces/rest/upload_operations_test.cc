#include <boost/json.hpp>

#include "server/surfaces/rest/testing/rest_fixture.h"

namespace caprock::server::rest {
namespace {

namespace json = boost::json;

class UploadTest : public testing::RestTest {
 protected:
  static std::string file(const std::string& name, const std::string& bytes) {
    return "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name +
           "\"\r\nContent-Type: text/plain\r\n\r\n" + bytes + "\r\n";
  }
  static std::string field(const std::string& name, const std::string& value) {
    return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
  }
  static constexpr const char* kEnd = "--b--\r\n";
};

TEST_F(UploadTest, SeveralFiles_AnEntryEach) {
  const auto response = upload("/documents/upload?wait=true",
                               field("source", "reports/2020") + file("a.txt", "one") +
                                   file("sub/b.txt", "two") + field("metadata", R"({"year":2020})") + kEnd);
  ASSERT_EQ(response.status, 200) << response.body;
  const auto body = json_of(response);
  EXPECT_EQ(body.at("documents").at(0).at("document").at("source"), "reports/2020/a.txt");
  EXPECT_EQ(body.at("documents").at(1).at("document").at("source"), "reports/2020/sub/b.txt");
  EXPECT_EQ(body.at("documents").at(1).at("document").at("status"), "INDEXED");
  EXPECT_EQ(body.at("documents").at(1).at("document").at("metadata").at("year"), 2020);
}

TEST_F(UploadTest, OneBadFile_FailsAlone) {
  const auto response =
      upload("/documents/upload", file("photo.png", "\x89PNG...") + file("good.txt", "good") + kEnd);
  EXPECT_EQ(response.status, 202);
  const auto body = json_of(response);
  EXPECT_EQ(body.at("documents").at(0).at("error").at("type"), "unsupported_media_type");
  EXPECT_EQ(body.at("documents").at(1).at("document").at("status"), "PENDING");
}

TEST_F(UploadTest, NothingTaken_IsTheErrorOfTheFirst) {
  const auto response = upload("/documents/upload", file("empty.txt", "") + kEnd);
  EXPECT_EQ(error_of(response), "400|content|The document is empty.");
  EXPECT_EQ(json_of(response).at("documents").at(0).at("file_name"), "empty.txt");
}

TEST_F(UploadTest, TwoFilesOfOneName_SecondIsLeftOutAndNamed) {
  const auto body = json_of(
      upload("/documents/upload?wait=true", file("same.txt", "first") + file("./same.txt", "second") + kEnd));
  EXPECT_EQ(body.at("documents").at(0).at("document").at("size_bytes"), 5);
  EXPECT_EQ(body.at("documents").at(1).at("error").at("message"),
            "Two files of this upload are named \"same.txt\"; this one was left out.");
}

TEST_F(UploadTest, SameFileAgain_SameDocumentNextVersion) {
  const auto first = json_of(upload("/documents/upload?wait=true", file("a.txt", "one") + kEnd));
  const auto second = json_of(upload("/documents/upload?wait=true", file("a.txt", "two") + kEnd));
  const auto& old = first.at("documents").at(0).at("document");
  const auto& now = second.at("documents").at(0).at("document");
  EXPECT_EQ(old.at("id"), now.at("id"));
  EXPECT_EQ(now.at("version"), 2);
}

TEST_F(UploadTest, IdempotencyKey_CountsContentNotBoundary) {
  const auto first =
      json_of(upload("/documents/upload", file("a.txt", "one") + file("b.txt", "two") + kEnd, "k"));
  const auto again =
      json_of(upload("/documents/upload", file("a.txt", "one") + file("b.txt", "two") + kEnd, "k"));
  EXPECT_EQ(first.at("documents").at(1).at("document").at("id"),
            again.at("documents").at(1).at("document").at("id"));
  EXPECT_EQ(upload("/documents/upload", file("a.txt", "other") + kEnd, "k").status, 422);
}

TEST_F(UploadTest, Broken_HasNoEffect) {
  EXPECT_EQ(error_of(upload("/documents/upload", file("a.txt", "one"))),
            "400||The upload ends before its closing multipart boundary: it was cut off.");
  EXPECT_EQ(error_of(upload("/documents/upload", field("title", "x") + kEnd)),
            "400|file|The upload has no file: a file part has a filename.");
  EXPECT_EQ(
      error_of(upload("/documents/upload", field("tilte", "x") + file("a", "b") + kEnd)),
      "400|tilte|Unknown field \"tilte\"; allowed are \"title\", \"source\", \"content_type\", \"metadata\", "
      "\"collection\".");
  EXPECT_EQ(
      error_of(upload("/documents/upload", field("metadata", "{") + file("a", "b") + kEnd)).substr(0, 13),
      "400|metadata|");
  EXPECT_TRUE(intake->submitted.empty());
}

TEST_F(UploadTest, WithoutBoundaryOrOtherType_SaysSo) {
  const auto sent = [&](std::string type) {
    return error_of(call({.method = "POST",
                          .target = "/documents/upload",
                          .headers = {{"content-type", std::move(type)}},
                          .body = "--b\r\n"}));
  };
  EXPECT_EQ(sent("multipart/form-data"),
            "400|Content-Type|The Content-Type multipart/form-data has no boundary.");
  EXPECT_EQ(sent("application/json").substr(0, 3), "415");
}

TEST_F(UploadTest, AboveTheLimit_Refused) {
  const auto error = error_of(upload("/documents/upload", file("big.txt", std::string(20'000, 'x')) + kEnd));
  EXPECT_EQ(error, "413||the request body is larger than the 10000 bytes allowed here");
}

}  // namespace
}  // namespace caprock::server::rest
