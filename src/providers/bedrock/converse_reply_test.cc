#include "providers/bedrock/converse_reply.h"

#include <gtest/gtest.h>

namespace caprock::providers::bedrock {
namespace {

llm::StreamEvent one(std::string_view type, std::string_view payload) {
  std::vector<llm::StreamEvent> out;
  const auto read = read_event(type, payload, out);
  EXPECT_TRUE(read) << read.error().detail;
  EXPECT_EQ(out.size(), 1U) << type;
  return out.empty() ? llm::StreamEvent{} : std::move(out[0]);
}

TEST(ReadEvent, Deltas_AreReadByTheirKind) {
  const auto text = std::get<llm::TextDelta>(
      one("contentBlockDelta", R"({"contentBlockIndex":2,"delta":{"text":"H\u00e4"},"p":"abc"})"));
  EXPECT_EQ(text.block, 2);
  EXPECT_EQ(text.text, "Hä");
  const auto start = std::get<llm::ToolUseStart>(one(
      "contentBlockStart", R"({"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"t","name":"f"}}})"));
  EXPECT_EQ(start.id, "t");
  EXPECT_EQ(
      std::get<llm::ToolInputDelta>(
          one("contentBlockDelta", R"({"contentBlockIndex":1,"delta":{"toolUse":{"input":"{\"a\":"}}})"))
          .json,
      "{\"a\":");
  EXPECT_EQ(
      std::get<llm::ReasoningDelta>(
          one("contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"hm"}}})"))
          .text,
      "hm");
  EXPECT_EQ(std::get<llm::ReasoningDelta>(
                one("contentBlockDelta",
                    R"({"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"c2ln"}}})"))
                .signature,
            "c2ln");
  EXPECT_EQ(std::get<llm::ReasoningDelta>(
                one("contentBlockDelta",
                    R"({"contentBlockIndex":0,"delta":{"reasoningContent":{"redactedContent":"cmVk"}}})"))
                .redacted,
            "cmVk");
  const auto cited = std::get<llm::CitationDelta>(one(
      "contentBlockDelta",
      R"({"contentBlockIndex":0,"delta":{"citation":{"title":"t","sourceContent":[{"text":"q"}],"location":{"web":{"url":"u","domain":"d"}}}}})"));
  EXPECT_EQ(cited.citation.place, llm::Citation::Place::kWeb);
  EXPECT_EQ(cited.citation.cited_text, "q");
  EXPECT_EQ(std::get<llm::BlockStop>(one("contentBlockStop", R"({"contentBlockIndex":3})")).block, 3);
}

TEST(ReadEvent, End_HasReasonUsageAndTier) {
  const auto stop = std::get<llm::MessageStop>(
      one("messageStop",
          R"({"stopReason":"stop_sequence","additionalModelResponseFields":{"stop_sequence":"END"}})"));
  EXPECT_EQ(stop.reason, llm::StopReason::kStopSequence);
  EXPECT_EQ(stop.stop_sequence, "END");
  EXPECT_EQ(stop.additional_fields_json, R"({"stop_sequence":"END"})");
  const auto end = std::get<llm::StreamMetadata>(one(
      "metadata",
      R"({"usage":{"inputTokens":1,"outputTokens":2,"totalTokens":20,"cacheReadInputTokens":8,"cacheWriteInputTokens":9,)"
      R"("cacheDetails":[{"ttl":"5m","inputTokens":4},{"ttl":"1h","inputTokens":5}]},"metrics":{"latencyMs":42},"serviceTier":{"type":"flex"},)"
      R"("performanceConfig":{"latency":"optimized"},"trace":{"promptRouter":{"invokedModelId":"arn:x"}}})"));
  EXPECT_EQ(end.usage.total(), 20);
  EXPECT_EQ(end.usage.cache_write_1h_tokens, 5);
  EXPECT_EQ(end.latency_ms, 42);
  EXPECT_EQ(end.service_tier, "flex");
  EXPECT_EQ(end.latency, "optimized");
  EXPECT_EQ(end.model, "arn:x");
  EXPECT_EQ(end.trace_json, R"({"promptRouter":{"invokedModelId":"arn:x"}})");
}

TEST(ReadEvent, UnknownTypesAndDeltas_SayNothing) {
  std::vector<llm::StreamEvent> out;
  EXPECT_TRUE(read_event("eventOfTomorrow", R"({"x":1})", out));
  EXPECT_TRUE(read_event("contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"hologram":{}}})", out));
  EXPECT_TRUE(out.empty());
}

TEST(ReadEvent, UnknownStopReason_PassesForNoOther) {
  std::vector<llm::StreamEvent> out;
  const auto read = read_event("messageStop", R"({"stopReason":"tired"})", out);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, base::ErrorKind::kUpstream);
  EXPECT_NE(read.error().detail.find("tired"), std::string::npos);
  EXPECT_TRUE(out.empty());
}

TEST(ReadEvent, Nonsense_IsAnError) {
  std::vector<llm::StreamEvent> out;
  for (const char* payload :
       {"", "{", "[]", "7", R"({"contentBlockIndex":-1,"delta":{"text":"x"}})", R"({"contentBlockIndex":0})"})
    EXPECT_FALSE(read_event("contentBlockDelta", payload, out)) << payload;
  EXPECT_TRUE(out.empty());
}

TEST(ReadReply, WholeReply_GivesTheEventsOfAStream) {
  const auto events = read_reply(
      R"({"output":{"message":{"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"hm","signature":"s"}}},)"
      R"({"text":"I look."},{"toolUse":{"toolUseId":"t","name":"f","input":{"a":1.5,"b":"ü"}}},)"
      R"({"citationsContent":{"content":[{"text":"so"}],"citations":[{"title":"t","location":{"documentChar":{"documentIndex":1,"start":2,"end":3}}}]}}]}},)"
      R"("stopReason":"tool_use","usage":{"inputTokens":3,"outputTokens":4,"totalTokens":7},"metrics":{"latencyMs":5}})");
  ASSERT_TRUE(events) << events.error().detail;
  std::vector<std::size_t> kinds;
  for (const auto& event : *events) kinds.push_back(event.index());
  const auto index = [](const llm::StreamEvent& event) { return event.index(); };
  const std::vector<std::size_t> wanted{
      index(llm::MessageStart{}),   index(llm::ReasoningDelta{}), index(llm::BlockStop{}),
      index(llm::TextDelta{}),      index(llm::BlockStop{}),      index(llm::ToolUseStart{}),
      index(llm::ToolInputDelta{}), index(llm::BlockStop{}),      index(llm::TextDelta{}),
      index(llm::CitationDelta{}),  index(llm::BlockStop{}),      index(llm::MessageStop{}),
      index(llm::StreamMetadata{})};
  EXPECT_EQ(kinds, wanted);
  EXPECT_EQ(std::get<llm::ToolInputDelta>((*events)[6]).json, R"({"a":1.5,"b":"ü"})");
}

TEST(ReadReply, Nonsense_IsAnError) {
  for (const char* body : {"", "{}", R"({"output":{}})", R"({"output":{"message":{"content":[7]}}})",
                           R"({"output":{"message":{"content":[{"hologram":{}}]}},"stopReason":"end_turn"})",
                           R"({"output":{"message":{"content":[]}}})"})
    EXPECT_FALSE(read_reply(body)) << body;
}

}  // namespace
}  // namespace caprock::providers::bedrock
