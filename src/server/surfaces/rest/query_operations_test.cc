#include <boost/json.hpp>

#include "server/surfaces/rest/testing/rest_fixture.h"

namespace caprock::server::rest {
namespace {

namespace json = boost::json;

class QueryTest : public testing::RestTest {};

TEST_F(QueryTest, Answer_HasTheDocumentedFields) {
  const auto response = post("/query", R"({"query":"Why?","top_k":7,"filter":{"year":{"gte":2020}}})");
  ASSERT_EQ(response.status, 200) << response.body;
  const auto body = json_of(response);
  EXPECT_EQ(body.at("answer"), "The engine failed.");
  EXPECT_EQ(body.at("model_id"), "extractive");
  EXPECT_EQ(body.at("abstained"), false);
  EXPECT_EQ(body.at("citations").at(0).at("page"), 3);
  EXPECT_EQ(body.at("citations").at(0).at("chunk_id"), "0190b5a0-0000-7000-8000-000000000001:1:0");
  EXPECT_EQ(body.at("sources").at(0).at("score"), 0.75);
  EXPECT_EQ(body.at("token_usage").at("total"), 0);
  EXPECT_NE(response.body.find("\"score\":0.75,"), std::string::npos);
  EXPECT_EQ(response.headers.get("cache-control"), "no-store");
  EXPECT_EQ(response.headers.get("x-content-type-options"), "nosniff");
  const auto& asked = answerer.asked.at(0).retrieve;
  EXPECT_EQ(asked.top_k, 7U);
  ASSERT_TRUE(asked.filter);
  EXPECT_TRUE(matches(*asked.filter, {{"year", 2021.0}}));
}

TEST_F(QueryTest, Abstention_IsAnAnswerWithItsReason) {
  answerer.answer->text.clear();
  answerer.answer->abstained = true;
  answerer.answer->reason = "Nothing fits.";
  const auto body = json_of(post("/query", R"({"query":"Why?"})"));
  EXPECT_EQ(body.at("abstained"), true);
  EXPECT_EQ(body.at("reason"), "Nothing fits.");
}

TEST_F(QueryTest, RetrievalOnly_AsksNobody) {
  const auto body =
      json_of(post("/query", R"({"query":"Why?","retrieval_only":true,"collection":"papers"})"));
  EXPECT_TRUE(body.at("answer").is_null());
  EXPECT_EQ(body.at("sources").as_array().size(), 1U);
  EXPECT_TRUE(answerer.asked.empty());
  EXPECT_EQ(finder.asked.at(0).collection, "papers");
}

struct Bad {
  std::string body;
  std::string error;
};

class BadQuery : public QueryTest, public ::testing::WithParamInterface<Bad> {};

TEST_P(BadQuery, MessageNamesTheField) {
  EXPECT_EQ(error_of(post("/query", GetParam().body)), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    Query, BadQuery,
    ::testing::Values(
        Bad{R"({"query":""})", "400|query|query must not be empty."},
        Bad{R"({"query":" \n\t"})", "400|query|query must not be empty."},
        Bad{R"({"query":"x","top_k":0})", "400|top_k|top_k must be between 1 and 10000, not 0."},
        Bad{R"({"query":"x","top_k":10001})", "400|top_k|top_k must be between 1 and 10000, not 10001."},
        Bad{R"({"query":"x","topk":3})",
            "400|topk|Unknown field \"topk\"; allowed are \"query\", \"top_k\", \"model\", \"collection\", "
            "\"filter\", "
            "\"retrieval_only\"."},
        Bad{R"({"query":7})", "400|query|query must be a string, not a number."},
        Bad{R"({"query":"x","top_k":"5"})", "400|top_k|top_k must be an integer, not a string."},
        Bad{R"({"query":")" + std::string(2'000'000, 'x') + R"("})",
            "400|query|query has 2000000 characters; at most 16000 are allowed."},
        Bad{R"({"query":"x","filter":{"year":{"like":3}}})",
            "400|filter.year.like|Unknown filter operator \"like\"; known are eq, ne, gt, gte, lt, lte, in, "
            "nin, and, "
            "or."},
        Bad{R"({"query":"x","collection":"../etc"})",
            "400|collection|collection must be letters, digits, '.', '_' and '-', beginning with a letter or "
            "digit."},
        Bad{R"([1])", "400||The body must be an object, not an array."}));

TEST_F(QueryTest, InvalidUtf8_Refused) {
  const auto error = error_of(post("/query", "{\"query\":\"\xff\xfe\"}"));
  EXPECT_TRUE(error.starts_with("400|query|")) << error;
}

TEST_F(QueryTest, WrongContentType_SaysWhichIsRight) {
  const auto response = call(
      {.method = "POST", .target = "/query", .headers = {{"content-type", "text/xml"}}, .body = "<query/>"});
  EXPECT_EQ(response.status, 415);
  EXPECT_NE(response.body.find("application/json"), std::string::npos);
}

TEST_F(QueryTest, LongestQuery_CountsCodePoints) {
  std::string query;
  for (int i = 0; i < 16'000; ++i) query += "é";
  EXPECT_EQ(post("/query", R"({"query":")" + query + "\"}").status, 200);
  EXPECT_EQ(post("/query", R"({"query":")" + query + "e\"}").status, 400);
}

TEST_F(QueryTest, UnknownParameter_Refused) {
  EXPECT_EQ(error_of(post("/query?wait=true", R"({"query":"x"})")),
            "400|wait|Unknown field \"wait\"; none is allowed here.");
}

}  // namespace
}  // namespace caprock::server::rest
