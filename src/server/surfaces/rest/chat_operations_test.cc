#include <boost/json.hpp>

#include "server/surfaces/rest/testing/rest_fixture.h"

namespace caprock::server::rest {
namespace {

namespace json = boost::json;

class ChatTest : public testing::RestTest {};

std::vector<std::string> events_of(const std::string& stream) {
  std::vector<std::string> names;
  for (std::size_t at = 0; (at = stream.find("event: ", at)) != std::string::npos; ++at) {
    names.push_back(stream.substr(at + 7, stream.find('\n', at) - at - 7));
  }
  return names;
}

TEST_F(ChatTest, Turn_AnsweredAndKept) {
  const auto response = post("/chat", R"({"message":"Why?","collection":"papers"})");
  ASSERT_EQ(response.status, 200) << response.body;
  const auto body = json_of(response);
  EXPECT_EQ(body.at("message"), "The engine failed.");
  EXPECT_EQ(body.at("user_id"), "local");
  EXPECT_EQ(body.at("timestamp"), "2026-03-01T09:30:00.000Z");
  EXPECT_EQ(body.at("degraded"), false);
  EXPECT_EQ(body.at("citations").at(0).at("quote"), "The engine failed.");
  EXPECT_EQ(answerer.asked.at(0).retrieve.collection, "papers");

  const auto id = std::string(body.at("conversation_id").as_string());
  const auto kept = json_of(get("/conversations/" + id));
  EXPECT_EQ(kept.at("messages").as_array().size(), 2U);
  EXPECT_EQ(kept.at("messages").at(0).at("content").at(0).at("text"), "Why?");
  EXPECT_EQ(kept.at("messages").at(1).at("citations").at(0).at("page"), 3);
  EXPECT_EQ(json_of(get("/conversations")).at("conversations").at(0).at("id"), json::value(id));
  EXPECT_EQ(call({.method = "DELETE", .target = "/conversations/" + id}).status, 204);
  EXPECT_EQ(get("/conversations/" + id).status, 404);
}

TEST_F(ChatTest, ModelUnreachable_DegradedAndMessageKept) {
  answerer.answer = base::failure(base::Error(base::ErrorKind::kUnavailable, "down"));
  const auto body = json_of(post("/chat", R"({"message":"Why?"})"));
  EXPECT_EQ(body.at("degraded"), true);
  EXPECT_EQ(body.at("sources"), json::array());
  const auto id = std::string(body.at("conversation_id").as_string());
  EXPECT_EQ(json_of(get("/conversations/" + id)).at("messages").as_array().size(), 1U);
}

TEST_F(ChatTest, Stream_EventsInOrderWithIds) {
  const auto response = post("/chat/stream", R"({"message":"Why?"})");
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(response.headers.get("content-type"), "text/event-stream");
  EXPECT_TRUE(response.complete);
  EXPECT_EQ(events_of(response.body),
            (std::vector<std::string>{"start", "retrieval", "token", "token", "citation", "done"}));
  EXPECT_TRUE(response.body.starts_with("id: 1\nevent: start\ndata: {\"turn\":\"")) << response.body;
}

TEST_F(ChatTest, Stream_TakenUpAgainAfterAnEvent) {
  const auto first = post("/chat/stream", R"({"message":"Why?"})").body;
  const auto at = first.find("\"turn\":\"") + 8;
  const auto turn = first.substr(at, 36);
  const auto rest = call({.target = "/chat/stream/" + turn, .headers = {{"Last-Event-ID", "4"}}});
  EXPECT_EQ(events_of(rest.body), (std::vector<std::string>{"citation", "done"}));
  EXPECT_EQ(events_of(get("/chat/stream/" + turn + "?after=5").body), std::vector<std::string>{"done"});
  EXPECT_EQ(error_of(call({.target = "/chat/stream/" + turn, .headers = {{"Last-Event-ID", "x"}}})),
            "400|Last-Event-ID|Last-Event-ID must be the id of an event of this turn.");
  EXPECT_EQ(get("/chat/stream/0190b5a0-0000-7000-8000-000000000009").status, 404);
}

TEST_F(ChatTest, Stream_FailureIsAnErrorEvent) {
  answerer.answer = base::failure(base::internal_error("secret"));
  const auto response = post("/chat/stream", R"({"message":"Why?"})");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(events_of(response.body), (std::vector<std::string>{"start", "error"}));
  EXPECT_EQ(response.body.find("secret"), std::string::npos);
}

TEST_F(ChatTest, SameKey_OneMessageOneAnswer) {
  const auto first = json_of(post("/chat", R"({"message":"Why?"})", "k1"));
  const auto again = json_of(post("/chat", R"({ "message" : "Why?" })", "k1"));
  EXPECT_EQ(first.at("conversation_id"), again.at("conversation_id"));
  EXPECT_EQ(first.at("citations"), again.at("citations"));
  EXPECT_EQ(answerer.asked.size(), 1U);
  EXPECT_EQ(post("/chat", R"({"message":"Where?"})", "k1").status, 422);
}

TEST_F(ChatTest, Bad_NamesTheField) {
  EXPECT_EQ(error_of(post("/chat", R"({"message":""})")), "400|message|message must not be empty.");
  EXPECT_EQ(error_of(post("/chat", R"({"message":"x","conversation_id":"7"})")),
            "400|conversation_id|conversation_id must be a UUID.");
  EXPECT_EQ(
      post("/chat", R"({"message":"x","conversation_id":"0190b5a0-0000-7000-8000-000000000009"})").status,
      404);
  EXPECT_EQ(error_of(post("/chat", R"({"message":"x","tools":["web"]})")),
            "400|tools[0]|There is no tool named \"web\"; GET /tools lists them.");
  EXPECT_EQ(error_of(post("/chat", R"({"message":"x"})", std::string(256, 'k'))),
            "400|Idempotency-Key|Idempotency-Key must be 1 to 255 visible ASCII characters.");
  EXPECT_EQ(error_of(get("/conversations?limit=0")), "400|limit|limit must be between 1 and 1000, not 0.");
  EXPECT_EQ(get("/conversations?cursor=rubbish").status, 400);
  EXPECT_EQ(get("/conversations/not-a-uuid").status, 404);
}

}  // namespace
}  // namespace caprock::server::rest
