#include "server/surfaces/anthropic/messages/messages_reply.h"

#include <gtest/gtest.h>

namespace caprock::server::anthropic {
namespace {

const ReplyHead kHead{.id = "msg_1", .model = "m"};

std::vector<std::string> rendered(const std::vector<llm::StreamEvent>& events) {
  EventRenderer renderer(kHead);
  std::vector<std::string> out;
  for (const auto& event : events) {
    const auto made = renderer.render(event);
    if (!made) {
      out.push_back("error: " + made.error().message);
      return out;
    }
    for (const Event& one : *made) {
      EXPECT_TRUE(one.data.starts_with(R"({"type":")" + std::string(one.type) + "\"")) << one.data;
      out.push_back(one.data);
    }
  }
  return out;
}

TEST(MessagesReply, Whole_HasBlocksStopAndUsage) {
  llm::ChatReply reply;
  reply.message.content = {llm::ReasoningBlock{"hm", "sig"},
                           llm::ReasoningBlock{.text = {}, .redacted = "ZA=="},
                           llm::TextBlock{"Hi",
                                          {{.place = llm::Citation::Place::kDocumentChar,
                                            .title = "T",
                                            .cited_text = "c",
                                            .index = 1,
                                            .start = 2,
                                            .end = 3}}},
                           llm::ToolUseBlock{"t1", "f", R"({"n":1})"}};
  reply.stop = {.reason = llm::StopReason::kStopSequence, .stop_sequence = "END"};
  reply.metadata.usage = {.input_tokens = 1,
                          .output_tokens = 2,
                          .cache_read_tokens = 3,
                          .cache_write_tokens = 10,
                          .cache_write_1h_tokens = 4};
  reply.metadata.service_tier = "default";
  EXPECT_EQ(
      render_reply(kHead, reply).value(),
      R"({"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"hm","signature":"sig"},)"
      R"({"type":"redacted_thinking","data":"ZA=="},{"type":"text","text":"Hi","citations":[{"type":"char_location","cited_text":"c","document_index":1,)"
      R"("document_title":"T","file_id":null,"start_char_index":2,"end_char_index":3}]},{"type":"tool_use","id":"t1","name":"f","input":{"n":1}}],)"
      R"("stop_reason":"stop_sequence","stop_sequence":"END","usage":{"input_tokens":1,"cache_creation_input_tokens":10,"cache_read_input_tokens":3,)"
      R"("cache_creation":{"ephemeral_5m_input_tokens":6,"ephemeral_1h_input_tokens":4},"output_tokens":2,"service_tier":"standard"}})");
}

TEST(MessagesReply, EndThatCannotBeTold_IsAnError) {
  llm::ChatReply reply;
  reply.stop.reason = llm::StopReason::kMalformedToolUse;
  EXPECT_EQ(render_reply(kHead, reply).error().kind, base::ErrorKind::kUpstream);
  reply.stop.reason = llm::StopReason::kToolUse;
  reply.message.content = {llm::ToolUseBlock{"t1", "f", "{"}};
  EXPECT_EQ(render_reply(kHead, reply).error().kind, base::ErrorKind::kUpstream);
}

TEST(MessagesReply, SoleStopSequence_IsTheOneThatMatched) {
  llm::ChatRequest request;
  request.model = "m";
  request.inference.stop_sequences = {"END"};
  llm::ChatReply reply;
  reply.stop.reason = llm::StopReason::kStopSequence;
  EXPECT_NE(render_reply(head_of("msg_1", request), reply).value().find(R"("stop_sequence":"END")"),
            std::string::npos);
}

TEST(EventRenderer, Text_StandsBetweenStartAndStop) {
  EXPECT_EQ(
      rendered({llm::MessageStart{}, llm::TextDelta{0, "He\"y"}, llm::TextDelta{0, "!"}, llm::BlockStop{0},
                llm::MessageStop{llm::StopReason::kEndTurn},
                llm::StreamMetadata{.usage = {.input_tokens = 3, .output_tokens = 2}}}),
      (std::vector<std::string>{
          R"({"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":0}}})",
          R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})",
          R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"He\"y"}})",
          R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"!"}})",
          R"({"type":"content_block_stop","index":0})",
          R"({"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"input_tokens":3,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":2}})",
          R"({"type":"message_stop"})"}));
}

TEST(EventRenderer, ThoughtsAndTools_EachEndBeforeTheNextBegins) {
  // As providers of OpenAI's protocol tell it: the tools end together.
  const auto events =
      rendered({llm::ReasoningDelta{.block = 4, .text = "hm"},
                llm::ReasoningDelta{.block = 4, .text = {}, .signature = "sig"},
                llm::ReasoningDelta{.block = 5, .text = {}, .redacted = "ZA=="},
                llm::ToolUseStart{.block = 7, .id = "t1", .name = "f"}, llm::ToolInputDelta{7, R"({"a":)"},
                llm::ToolInputDelta{7, "1}"}, llm::ToolUseStart{.block = 8, .id = "t2", .name = "g"},
                llm::BlockStop{7}, llm::BlockStop{8}, llm::MessageStop{llm::StopReason::kToolUse}});
  EXPECT_EQ(
      std::vector(events.begin() + 1, events.end()),
      (std::vector<std::string>{
          R"({"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}})",
          R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}})",
          R"({"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"sig"}})",
          R"({"type":"content_block_stop","index":0})",
          R"({"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"ZA=="}})",
          R"({"type":"content_block_stop","index":1})",
          R"({"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"t1","name":"f","input":{}}})",
          R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"a\":"}})",
          R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"1}"}})",
          R"({"type":"content_block_stop","index":2})",
          R"({"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"t2","name":"g","input":{}}})",
          R"({"type":"content_block_stop","index":3})"}));
}

TEST(EventRenderer, ContradictionOrNoEnd_NeverLooksLikeAnEnd) {
  EXPECT_EQ(rendered({llm::TextDelta{0, "a"}, llm::ToolUseStart{.block = 1, .id = "t", .name = "f"},
                      llm::TextDelta{0, "b"}})
                .back(),
            "error: The model's reply goes back to a part that had ended.");
  EXPECT_EQ(rendered({llm::TextDelta{0, "a"}, llm::StreamMetadata{}}).back(),
            "error: The model's reply broke off before its end.");
  EXPECT_EQ(rendered({llm::MessageStop{}, llm::TextDelta{0, "a"}}).back(),
            "error: The model's reply went on after its end.");
  EXPECT_EQ(rendered({llm::MessageStop{llm::StopReason::kMalformedOutput}}).back(),
            "error: The model's reply is malformed and was not finished.");
  EXPECT_EQ(rendered({llm::ToolInputDelta{0, "{}"}}).back(),
            "error: The model's reply has arguments of no tool.");
}

TEST(EventRenderer, UsageThatNobodyKnows_IsNotZero) {
  const auto events = rendered({llm::MessageStop{}, llm::StreamMetadata{.usage = {}, .usage_known = false}});
  EXPECT_NE(events.at(1).find(R"("usage":{"input_tokens":null,"output_tokens":null})"), std::string::npos)
      << events.at(1);
}

}  // namespace
}  // namespace caprock::server::anthropic
