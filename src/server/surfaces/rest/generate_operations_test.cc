#include <boost/json.hpp>

#include "server/surfaces/rest/testing/rest_fixture.h"

namespace caprock::server::rest {
namespace {

namespace json = boost::json;

class GenerateTest : public testing::RestTest {};

TEST_F(GenerateTest, Answer_HasTheDocumentedFields) {
  const auto response =
      post("/generate", R"({"prompt":"Hello","model_preference":"priced","request_id":"r-1"})");
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(
      response.body,
      R"({"text":"Hello","model_used":"priced","tokens_used":5,"response_time":0,"cost_estimate":5e-06,)"
      R"("request_id":"r-1","timestamp":"2026-03-01T09:30:00.000Z","cached":false,"metadata":{"stop_reason":"end_turn",)"
      R"("token_usage":{"input":2,"output":3,"cache_read":0,"cache_write":0,"reasoning":0,"total":5},)"
      R"("parameters_not_taken":[]}})");
  EXPECT_EQ(model.request_ids.at(0), "r-1");
}

TEST_F(GenerateTest, OnlyWhatTheCallerSet_IsSent) {
  ASSERT_EQ(post("/generate", R"({"prompt":"Hello"})").status, 200);
  EXPECT_EQ(model.asked[0].model, "");
  EXPECT_FALSE(model.asked[0].inference.max_tokens || model.asked[0].inference.temperature ||
               model.asked[0].inference.top_p || model.asked[0].inference.top_k);
  EXPECT_FALSE(model.asked[0].stream);
  ASSERT_EQ(
      post(
          "/generate",
          R"({"prompt":"Why?","context":"It rains.","max_tokens":7,"temperature":0,"stop_sequences":["END"]})")
          .status,
      200);
  EXPECT_EQ(llm::text_of(model.asked[1].messages[0]), "<context>\nIt rains.\n</context>\n\nWhy?");
  EXPECT_EQ(model.asked[1].inference.max_tokens, 7);
  EXPECT_EQ(model.asked[1].inference.temperature, 0);
  EXPECT_EQ(model.asked[1].inference.stop_sequences, std::vector<std::string>{"END"});
}

TEST_F(GenerateTest, ParameterThatTheModelDoesNotTake_IsLeftOutAndTold) {
  model.answer = [](const llm::ChatRequest& request) -> base::Result<std::vector<llm::StreamEvent>> {
    if (request.inference.top_k)
      return base::failure(base::invalid_argument("top_k", "this model takes no top_k"));
    if (request.inference.top_p)
      return base::failure(base::invalid_argument("", "temperature and top_p cannot both be specified"));
    return std::vector<llm::StreamEvent>{llm::TextDelta{0, "x"}, llm::MessageStop{},
                                         llm::StreamMetadata{.usage_known = false}};
  };
  const auto body = json_of(post("/generate", R"({"prompt":"a","temperature":0.5,"top_p":0.5,"top_k":5})"));
  EXPECT_EQ(body.at("metadata").at("parameters_not_taken"), (json::array{"top_k", "top_p"}));
  EXPECT_TRUE(body.at("tokens_used").is_null());
  EXPECT_TRUE(body.at("cost_estimate").is_null());
  EXPECT_EQ(model.asked.back().inference.temperature, 0.5);
}

TEST_F(GenerateTest, BadRequests_NameTheField) {
  EXPECT_EQ(error_of(post("/generate", R"({"prompt":" "})")), "400|prompt|prompt must not be empty.");
  EXPECT_EQ(error_of(post("/generate", R"({"prompt":"a","temperature":3})")),
            "400|temperature|temperature must be between 0 and 2, not 3.");
  EXPECT_EQ(error_of(post("/generate", R"({"prompt":"a","top_k":0})")),
            "400|top_k|top_k must be between 1 and 100000, not 0.");
  EXPECT_EQ(error_of(post("/generate", R"({"prompt":"a","stop_sequences":[""]})")),
            "400|stop_sequences[0]|stop_sequences[0] must not be empty.");
  EXPECT_EQ(error_of(post("/generate", R"({"prompt":"a","request_id":"a b"})")),
            "400|request_id|request_id must be 1 to 128 visible ASCII characters.");
  EXPECT_TRUE(error_of(post("/generate", R"({"prompt":"a","model":"m"})"))
                  .starts_with("400|model|Unknown field \"model\"; allowed are \"prompt\""));
  EXPECT_EQ(error_of(post("/generate/batch", R"({"requests":[]})")),
            "400|requests|requests must be a list of requests that is not empty.");
  EXPECT_EQ(error_of(post("/generate/batch", R"({"requests":[{"prompt":"a"},{"prompt":7}]})")),
            "400|requests[1].prompt|requests[1].prompt must be a string, not a number.");
}

TEST_F(GenerateTest, TroubleOfTheModel_IsToldInTheCallersWords) {
  model.answer = [](const llm::ChatRequest&) -> base::Result<std::vector<llm::StreamEvent>> {
    return base::failure(base::Error(base::ErrorKind::kUnprocessable, "too long").with_field("messages"));
  };
  EXPECT_EQ(error_of(post("/generate", R"({"prompt":"a"})")), "422|prompt|too long");
  model.answer = [](const llm::ChatRequest&) -> base::Result<std::vector<llm::StreamEvent>> {
    return base::failure(base::invalid_argument("model", "must be given"));
  };
  EXPECT_EQ(error_of(post("/generate", R"({"prompt":"a"})")), "404|model_preference|must be given");
}

TEST_F(GenerateTest, Batch_AnswersInOrderAndOneFailureHarmsNoOther) {
  model.answer = [](const llm::ChatRequest& request) -> base::Result<std::vector<llm::StreamEvent>> {
    if (request.model == "bad")
      return base::failure(
          base::Error(base::ErrorKind::kRateLimited, "slow down").with_retry_after(std::chrono::seconds(3)));
    return std::vector<llm::StreamEvent>{llm::TextDelta{0, llm::text_of(request.messages[0])},
                                         llm::MessageStop{}, llm::StreamMetadata{}};
  };
  const auto response = post(
      "/generate/batch",
      R"({"requests":[{"prompt":"a"},{"prompt":"b","model_preference":"bad","request_id":"mine"},{"prompt":"c"}]})");
  ASSERT_EQ(response.status, 200) << response.body;
  const auto body = json_of(response);
  const auto& all = body.at("responses").as_array();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].at("text"), "a");
  EXPECT_EQ(all[1].at("error").at("type"), "rate_limited");
  EXPECT_EQ(all[1].at("error").at("retry_after"), 3);
  EXPECT_EQ(all[1].at("error").at("request_id"), "mine");
  EXPECT_EQ(all[2].at("text"), "c");
  EXPECT_NE(all[0].at("request_id"), all[2].at("request_id"));
}

TEST_F(GenerateTest, BatchAboveTheLimit_IsRefused) {
  std::string many = R"({"prompt":"a"})";
  for (int i = 0; i < 6; ++i) many += R"(,{"prompt":"a"})";
  EXPECT_TRUE(error_of(post("/generate/batch", R"({"requests":[)" + many + "]}"))
                  .starts_with("400|requests|requests has 7 entries; at most 6 are allowed"));
  EXPECT_TRUE(model.asked.empty());
  const auto contract = json_of(get("/openapi.json"));
  EXPECT_EQ(contract.at("components")
                .at("schemas")
                .at("BatchRequest")
                .at("properties")
                .at("requests")
                .at("maxItems"),
            6);
}

}  // namespace
}  // namespace caprock::server::rest
