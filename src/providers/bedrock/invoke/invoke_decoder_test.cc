#include "providers/bedrock/invoke/invoke_decoder.h"

#include <gtest/gtest.h>

#include "providers/bedrock/invoke/invoke_headers.h"
#include "providers/bedrock/invoke/testing.h"

namespace caprock::providers::bedrock::invoke {
namespace {

using testing::decode;
using testing::Seen;
using testing::stream_of;

struct Case {
  const Codec& (*codec)();
  std::vector<std::string> chunks;
};

std::vector<Case> cases() {
  return {
      {claude,
       {R"({"type":"message_start","message":{"id":"m","model":"c","usage":{"input_tokens":3,"output_tokens":1}}})",
        R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})",
        R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hé"}})",
        R"({"type":"content_block_stop","index":0})",
        R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}})",
        R"({"type":"message_stop"})"}},
      {titan,
       {R"({"outputText":"Hé","index":0,"completionReason":null})",
        R"({"outputText":"!","index":0,"completionReason":"FINISH","totalOutputTextTokenCount":2,"inputTextTokenCount":3})"}},
      {llama3,
       {R"({"generation":"Hé","prompt_token_count":3,"stop_reason":null})",
        R"({"generation":"","generation_token_count":2,"stop_reason":"stop"})"}},
      {mistral_text,
       {R"({"outputs":[{"text":"Hé","stop_reason":null}]})",
        R"({"outputs":[{"text":"","stop_reason":"stop"}]})"}},
      {mistral_chat,
       {R"({"choices":[{"index":0,"message":{"content":"Hé"},"stop_reason":null}]})",
        R"({"choices":[{"index":0,"message":{"content":""},"stop_reason":"stop"}]})"}},
      {jamba,
       {R"({"id":"x","choices":[{"index":0,"delta":{"content":"Hé"},"finish_reason":null}]})",
        R"({"id":"x","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"}},
      {cohere_command,
       {R"({"text":"Hé","is_finished":false})", R"({"is_finished":true,"finish_reason":"COMPLETE"})"}},
      {cohere_chat,
       {R"({"event_type":"text-generation","text":"Hé"})",
        R"({"event_type":"stream-end","finish_reason":"COMPLETE"})"}}};
}

bool ended(const Seen& seen) {
  for (const llm::StreamEvent& event : seen.events)
    if (std::holds_alternative<llm::MessageStop>(event)) return true;
  return false;
}

TEST(InvokeDecoder, EveryFamily_SplitAnywhere_IsTheSame) {
  for (const Case& one : cases()) {
    const std::string bytes = stream_of(one.chunks);
    const Seen whole = decode(one.codec(), bytes, bytes.size());
    ASSERT_TRUE(whole.end) << one.codec().name << whole.end.error().detail;
    ASSERT_TRUE(ended(whole));
    EXPECT_EQ(std::get<llm::StreamMetadata>(whole.events.back()).id, "r-1");
    for (std::size_t step = 1; step < 40; ++step) {
      const Seen pieces = decode(one.codec(), bytes, step);
      ASSERT_TRUE(pieces.end) << one.codec().name << step;
      ASSERT_EQ(pieces.events.size(), whole.events.size());
    }
    EXPECT_TRUE(llm::text_of(testing::collected(whole.events).message).starts_with("Hé"));
  }
}

TEST(InvokeDecoder, EveryFamily_CutAtEveryByte_NeverEnds) {
  for (const Case& one : cases()) {
    const std::string bytes = stream_of(one.chunks);
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
      const Seen seen = decode(one.codec(), bytes.substr(0, cut), bytes.size());
      ASSERT_FALSE(seen.end) << one.codec().name << " cut at " << cut;
      ASSERT_FALSE(ended(seen)) << one.codec().name << " cut at " << cut;
    }
  }
}

TEST(InvokeDecoder, EveryFamily_WithOneFlippedBit_IsNeverWhole) {
  for (const Case& one : cases()) {
    const std::string bytes = stream_of(one.chunks);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      std::string broken = bytes;
      broken[at] = static_cast<char>(broken[at] ^ 0x10);
      ASSERT_FALSE(decode(one.codec(), broken, broken.size()).end) << one.codec().name << " at " << at;
    }
  }
}

TEST(InvokeDecoder, BodyThatEndsAfterTheStop_IsWholeWithoutFigures) {
  const Seen seen = decode(mistral_text(), stream_of(cases()[3].chunks, false), 7);
  ASSERT_TRUE(seen.end);
  EXPECT_FALSE(std::get<llm::StreamMetadata>(seen.events.back()).usage_known);
}

TEST(InvokeDecoder, FiguresBeforeAStop_AreNoEnd) {
  const Seen seen = decode(llama3(), stream_of({R"({"generation":"Hi","stop_reason":null})"}), 7);
  ASSERT_FALSE(seen.end);
  EXPECT_FALSE(ended(seen));
}

TEST(InvokeDecoder, Exception_IsItsError) {
  std::string bytes = stream_of({R"({"generation":"Hi","stop_reason":null})"}, false);
  ASSERT_TRUE(aws::append_exception(bytes, "modelTimeoutException", R"({"message":"too slow"})"));
  const Seen seen = decode(llama3(), bytes, 5);
  ASSERT_FALSE(seen.end);
  EXPECT_EQ(seen.end.error().cause, base::ErrorCause::kModelTimeout);
  EXPECT_EQ(seen.events.size(), 2U);  // what came before it is good
}

TEST(InvokeDecoder, Guardrail_IsTheReason) {
  const auto events = read_invoked(
      {}, llama3(), true,
      R"({"generation":"No.","stop_reason":"stop","amazon-bedrock-guardrailAction":"INTERVENED","amazon-bedrock-trace":{"guardrail":{}}})",
      {});
  ASSERT_TRUE(events);
  const auto& stop = std::get<llm::MessageStop>(events->at(events->size() - 2));
  EXPECT_EQ(stop.reason, llm::StopReason::kGuardrail);
  EXPECT_EQ(stop.additional_fields_json, R"({"stop_sequence":null})");
  EXPECT_EQ(std::get<llm::StreamMetadata>(events->back()).trace_json, R"({"guardrail":{}})");
}

TEST(InvokeHeaders, SayWhatIsNoPartOfTheBody) {
  llm::ChatRequest request;
  request.guardrail = llm::GuardrailSettings{.id = "g", .version = "1", .trace = "enabled"};
  request.service_tier = "flex";
  request.latency = "optimized";
  request.metadata = {{"team", "a\"b"}};
  request.end_user = "u";
  const auto headers = invoke_headers(request, false);
  ASSERT_TRUE(headers);
  EXPECT_EQ(net::header_value(*headers, "x-amzn-bedrock-guardrailidentifier"), "g");
  EXPECT_EQ(net::header_value(*headers, "x-amzn-bedrock-guardrailversion"), "1");
  EXPECT_EQ(net::header_value(*headers, "x-amzn-bedrock-trace"), "ENABLED");
  EXPECT_EQ(net::header_value(*headers, "x-amzn-bedrock-service-tier"), "flex");
  EXPECT_EQ(net::header_value(*headers, "x-amzn-bedrock-performanceconfig-latency"), "optimized");
  EXPECT_EQ(net::header_value(*headers, "x-amzn-bedrock-request-metadata"),
            R"({"team":"a\"b","end_user":"u"})");
  request.metadata = {{"team", "ä"}};
  EXPECT_EQ(invoke_headers(request, true).error().field, "requestMetadata");
  request.metadata = {};
  request.guardrail->stream_processing = "async";
  EXPECT_EQ(invoke_headers(request, true).error().field, "guardrailConfig.streamProcessingMode");
}

}  // namespace
}  // namespace caprock::providers::bedrock::invoke
