#include "server/surfaces/openai/response_reply.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/json/json_text.h"
#include "server/surfaces/openai/sealed_thought.h"

namespace caprock::server::openai {
namespace {

namespace json = boost::json;

const base::ManualClock kClock{base::WallTime(std::chrono::seconds(7))};

ResponseRenderer renderer() { return {{.id = "1", .model = "m", .echo = {{"store", false}}}, kClock}; }

struct Told {
  std::vector<std::string> types;
  std::vector<json::value> data;
  std::string trouble;
};

Told told(ResponseRenderer& by, const std::vector<llm::StreamEvent>& events) {
  Told all;
  for (const auto& event : events) {
    const auto some = by.render(event);
    if (!some) {
      all.trouble = some.error().detail;
      return all;
    }
    for (const SseEvent& one : *some) {
      all.types.push_back(one.event);
      all.data.push_back(base::parse_json(one.data).value());
      EXPECT_EQ(all.data.back().at("type").as_string(), one.event);
      EXPECT_EQ(all.data.back().at("sequence_number"), all.data.size() - 1);
    }
  }
  return all;
}

const llm::StreamMetadata kMetadata{
    .usage = {.input_tokens = 2, .output_tokens = 3, .cache_read_tokens = 5, .reasoning_tokens = 1}};

TEST(ResponseReply, Text_HasTheEventsInTheirOrder) {
  auto by = renderer();
  const auto all = told(by, {llm::MessageStart{}, llm::TextDelta{0, "Hi "}, llm::TextDelta{0, "you"},
                             llm::BlockStop{0}, llm::MessageStop{}, kMetadata});
  EXPECT_EQ(all.types, (std::vector<std::string>{"response.created", "response.in_progress",
                                                 "response.output_item.added", "response.content_part.added",
                                                 "response.output_text.delta", "response.output_text.delta",
                                                 "response.output_text.done", "response.content_part.done",
                                                 "response.output_item.done", "response.completed"}));
  EXPECT_EQ(
      base::json_text(all.data[4]),
      R"({"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_1_0","output_index":0,)"
      R"("content_index":0,"delta":"Hi ","logprobs":[]})");
  EXPECT_EQ(
      base::json_text(all.data.back().at("response")),
      R"({"id":"resp_1","object":"response","created_at":7,"completed_at":7,"status":"completed","error":null,)"
      R"("incomplete_details":null,"model":"m","output":[{"id":"msg_1_0","type":"message","status":"completed",)"
      R"("role":"assistant","content":[{"type":"output_text","text":"Hi you","annotations":[],"logprobs":[]}]}],)"
      R"("store":false,"usage":{"input_tokens":7,"input_tokens_details":{"cached_tokens":5,"cache_write_tokens":0},)"
      R"("output_tokens":3,"output_tokens_details":{"reasoning_tokens":1},"total_tokens":10}})");
  EXPECT_EQ(by.response(), base::json_text(all.data.back().at("response")));
  EXPECT_TRUE(by.done());
}

TEST(ResponseReply, ThoughtsAndParallelCalls_AreItems) {
  auto by = renderer();
  const auto all = told(by, {llm::ReasoningDelta{.block = 0, .text = "hm"},
                             llm::ReasoningDelta{.block = 0, .text = {}, .signature = "s"}, llm::BlockStop{0},
                             llm::ToolUseStart{1, "a", "f"}, llm::ToolUseStart{2, "b", "g"},
                             llm::ToolInputDelta{2, "{}"}, llm::BlockStop{1}, llm::BlockStop{2},
                             llm::MessageStop{.reason = llm::StopReason::kToolUse}, kMetadata});
  EXPECT_EQ(all.types,
            (std::vector<std::string>{
                "response.created", "response.in_progress", "response.output_item.added",
                "response.reasoning_summary_part.added", "response.reasoning_summary_text.delta",
                "response.reasoning_summary_text.done", "response.reasoning_summary_part.done",
                "response.output_item.done", "response.output_item.added", "response.output_item.added",
                "response.function_call_arguments.delta", "response.function_call_arguments.delta",
                "response.function_call_arguments.done", "response.output_item.done",
                "response.function_call_arguments.done", "response.output_item.done", "response.completed"}));
  const auto& output = all.data.back().at("response").at("output").as_array();
  ASSERT_EQ(output.size(), 3U);
  EXPECT_EQ(output[0].at("summary").at(0).at("text"), "hm");
  EXPECT_EQ(open_thought(output[0].at("encrypted_content").as_string(), "")->signature, "s");
  EXPECT_EQ(
      base::json_text(output[1]),
      R"({"id":"fc_1_1","type":"function_call","status":"completed","call_id":"a","name":"f","arguments":"{}"})");
  EXPECT_EQ(output[2].at("call_id"), "b");
}

TEST(ResponseReply, CutByTheLimit_IsIncompleteAndSoIsItsLastItem) {
  auto by = renderer();
  const auto all = told(by, {llm::TextDelta{0, "Hi"}, llm::BlockStop{0},
                             llm::MessageStop{.reason = llm::StopReason::kMaxTokens}, kMetadata});
  EXPECT_EQ(all.types.back(), "response.incomplete");
  const auto& response = all.data.back().at("response");
  EXPECT_EQ(response.at("status"), "incomplete");
  EXPECT_EQ(response.at("incomplete_details").at("reason"), "max_output_tokens");
  EXPECT_EQ(response.at("output").at(0).at("status"), "incomplete");
}

TEST(ResponseReply, BrokenStream_FailsAndNeverCompletes) {
  auto by = renderer();
  told(by, {llm::TextDelta{0, "Hi"}, llm::MessageStop{}});
  EXPECT_FALSE(by.done());
  const auto last = by.broken(base::Error(base::ErrorKind::kUpstream, "It broke."));
  ASSERT_EQ(last.size(), 2U);
  EXPECT_EQ(last[0].event, "error");
  const auto error = base::parse_json(last[0].data).value();
  EXPECT_EQ(error.at("message"), "It broke.");
  EXPECT_EQ(error.at("error").at("type"), "server_error");
  EXPECT_EQ(last[1].event, "response.failed");
  const auto response = base::parse_json(last[1].data)->at("response");
  EXPECT_EQ(response.at("status"), "failed");
  EXPECT_EQ(response.at("error").at("code"), "server_error");
}

TEST(ResponseReply, Nonsense_IsAnError) {
  for (const std::vector<llm::StreamEvent>& events : std::initializer_list<std::vector<llm::StreamEvent>>{
           {llm::TextDelta{0, "a"}, llm::RefusalDelta{0, "b"}},
           {llm::ToolInputDelta{0, "{}"}},
           {llm::ToolUseStart{0, "a", "f"}, llm::ToolUseStart{0, "b", "g"}},
           {llm::MessageStop{}, llm::TextDelta{0, "a"}},
           {llm::TextDelta{0, "a"}, llm::BlockStop{0}, llm::TextDelta{1, "b"}, llm::TextDelta{0, "c"}},
           {llm::MessageStop{.reason = llm::StopReason::kMalformedOutput}}}) {
    auto by = renderer();
    EXPECT_NE(told(by, events).trouble, "");
    EXPECT_FALSE(by.done());
  }
}

TEST(ResponseReply, Citation_IsAnAnnotationOfItsText) {
  auto by = renderer();
  const auto all =
      told(by, {llm::TextDelta{0, "Höhe"},
                llm::CitationDelta{0, {.place = llm::Citation::Place::kWeb, .url = "https://x"}}});
  EXPECT_EQ(all.types.back(), "response.output_text.annotation.added");
  EXPECT_EQ(base::json_text(all.data.back().at("annotation")),
            R"({"type":"url_citation","url":"https://x","title":"","start_index":0,"end_index":4})");
}

}  // namespace
}  // namespace caprock::server::openai
