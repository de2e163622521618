#include <boost/json.hpp>

#include "server/surfaces/rest/attachment.h"
#include "server/surfaces/rest/testing/rest_fixture.h"

namespace caprock::server::rest {
namespace {

namespace json = boost::json;

class DocumentTest : public testing::RestTest {
 protected:
  std::string ingested(std::string body) {
    return std::string(json_of(post("/documents/ingest?wait=true", std::move(body))).at("id").as_string());
  }
};

TEST_F(DocumentTest, Ingest_KeptAtOnceIndexedWhenWaitedFor) {
  const auto soon =
      post("/documents/ingest", R"({"content":"Grüße 😀","title":"T","metadata":{"year":2020}})");
  EXPECT_EQ(soon.status, 202) << soon.body;
  EXPECT_EQ(json_of(soon).at("status"), "PENDING");
  const auto done = post("/documents/ingest?wait=true", R"({"content":"two","source":"two.txt"})");
  EXPECT_EQ(done.status, 200);
  EXPECT_EQ(json_of(done).at("status"), "INDEXED");
  EXPECT_EQ(json_of(done).at("source"), "two.txt");
}

TEST_F(DocumentTest, Routes_OfOneDocument) {
  const auto id =
      ingested(R"({"content":"Grüße 😀.","source":"a/b \"c\".txt","metadata":{"tags":["x",1.5]}})");
  const auto document = json_of(get("/documents/" + id));
  EXPECT_EQ(document.at("metadata").at("tags").at(1), 1.5);
  EXPECT_EQ(document.at("created_at"), "2026-03-01T09:30:00.000Z");
  const auto text = get("/documents/" + id + "/text");
  EXPECT_EQ(text.body, "Grüße 😀.");
  EXPECT_EQ(text.headers.get("content-type"), "text/plain; charset=utf-8");
  const auto chunks = json_of(get("/documents/" + id + "/chunks?limit=10"));
  EXPECT_EQ(chunks.at("chunks").at(0).at("end_char"), 8);
  EXPECT_EQ(chunks.at("chunks").at(0).at("chunk_id"), json::value(id + ":1:0"));
  const auto content = get("/documents/" + id + "/content");
  EXPECT_EQ(content.headers.get("content-disposition"),
            "attachment; filename=\"b _c_.txt\"; filename*=UTF-8''b%20%22c%22.txt");
  EXPECT_EQ(content.headers.get("content-security-policy"), "sandbox; default-src 'none'");
  EXPECT_EQ(content.headers.get("x-content-type-options"), "nosniff");
  EXPECT_EQ(call({.method = "DELETE", .target = "/documents/" + id}).status, 204);
  EXPECT_EQ(get("/documents/" + id).status, 404);
  EXPECT_EQ(get("/documents/" + id + "/content").status, 404);
}

TEST_F(DocumentTest, List_ByStatusInPages) {
  for (const auto* name : {"a", "b", "c"}) {
    clock.advance(std::chrono::seconds(1));
    ingested(R"({"content":"text of )" + std::string(name) + R"(","source":")" + name + R"("})");
  }
  const auto first = json_of(get("/documents?status=INDEXED&limit=2"));
  EXPECT_EQ(first.at("documents").at(0).at("source"), "c");
  EXPECT_EQ(first.at("documents").as_array().size(), 2U);
  const auto cursor = std::string(first.at("next_cursor").as_string());
  const auto second = json_of(get("/documents?status=INDEXED&limit=2&cursor=" + cursor));
  EXPECT_EQ(second.at("documents").as_array().size(), 1U);
  EXPECT_TRUE(second.at("next_cursor").is_null());
  EXPECT_EQ(json_of(get("/documents?collection=other")).at("documents").as_array().size(), 0U);
}

TEST_F(DocumentTest, FailedDocument_SaysWhyAndCanBeRetried) {
  const auto failed = post("/documents/ingest?wait=true", R"({"content":"FAIL","source":"f"})");
  EXPECT_EQ(failed.status, 200);
  const auto id = std::string(json_of(failed).at("id").as_string());
  EXPECT_EQ(json_of(failed).at("status"), "FAILED");
  EXPECT_EQ(json_of(failed).at("error"), "it was told to fail");
  EXPECT_EQ(error_of(get("/documents/" + id + "/text")),
            "409||The document has no text: its status is FAILED, it was told to fail.");
  const auto retried = call({.method = "POST", .target = "/documents/" + id + "/retry"});
  EXPECT_EQ(retried.status, 202) << retried.body;
  EXPECT_EQ(call({.method = "POST", .target = "/documents/" + id + "/retry"}).status, 409);
  const auto cancelled = call({.method = "POST", .target = "/documents/" + id + "/cancel"});
  EXPECT_EQ(cancelled.status, 200) << cancelled.body;
}

TEST_F(DocumentTest, IdempotencyKey_SameBodySameDocument) {
  const auto first = post("/documents/ingest", R"({"content":"One."})", "k");
  EXPECT_EQ(json_of(post("/documents/ingest", R"({"content":"One."})", "k")).at("id"),
            json_of(first).at("id"));
  const auto other = post("/documents/ingest", R"({"content":"Two."})", "k");
  EXPECT_EQ(other.status, 422) << other.body;
}

TEST_F(DocumentTest, Url_ReadUnderThePolicy) {
  EXPECT_EQ(error_of(post("/documents/ingest", R"({"url":"http://169.254.169.254/"})")),
            "400|url|a private address");
  fetched = Fetched{.bytes = "page", .content_type = "text/html", .file_name = "p.html"};
  const auto document =
      json_of(post("/documents/ingest?wait=true", R"({"url":"https://example.org/p.html"})"));
  EXPECT_EQ(document.at("source"), "https://example.org/p.html");
  EXPECT_EQ(document.at("content_type"), "text/html");
}

TEST_F(DocumentTest, Bad_NamesTheField) {
  EXPECT_EQ(error_of(post("/documents/ingest", R"({"content":""})")),
            "400|content|content must not be empty.");
  EXPECT_EQ(error_of(post("/documents/ingest", R"({"content":"x","url":"http://a/"})")),
            "400|url|Give exactly one of content and url.");
  EXPECT_EQ(error_of(post("/documents/ingest", "{}")), "400|content|Give exactly one of content and url.");
  EXPECT_EQ(error_of(post("/documents/ingest", R"({"url":"file:///etc/passwd"})")),
            "400|url|url must begin with http:// or https://.");
  EXPECT_EQ(error_of(post("/documents/ingest?wait=maybe", R"({"content":"x"})")),
            "400|wait|wait must be true or false, not a string.");
  EXPECT_EQ(error_of(get("/documents?status=DONE")),
            "400|status|status must be one of \"PENDING\", \"PROCESSING\", \"INDEXED\", \"FAILED\".");
  EXPECT_EQ(error_of(get("/documents?limit=1001")), "400|limit|limit must be between 1 and 1000, not 1001.");
  EXPECT_EQ(error_of(get("/documents/018f0000-0000-7000-8000-000000000000")).substr(0, 3), "404");
  EXPECT_EQ(error_of(get("/documents/not-a-uuid")), "404||There is no such document.");
}

TEST(Attachment, HostileNamesAndTypes_AreMadeHarmless) {
  EXPECT_EQ(content_disposition("é\r\n.txt"),
            "attachment; filename=\"____.txt\"; filename*=UTF-8''%C3%A9%0D%0A.txt");
  stores::Document document{.source = "https://example.org/dir/?q=1#f",
                            .content_type = "text/html; charset=x\r\ny"};
  EXPECT_EQ(attachment_headers(document).get("content-type"), "text/html");
  EXPECT_TRUE(attachment_headers(document)
                  .get("content-disposition")
                  .starts_with("attachment; filename=\"document\""));
  document.content_type = "no type";
  EXPECT_EQ(attachment_headers(document).get("content-type"), "application/octet-stream");
}

}  // namespace
}  // namespace caprock::server::rest
