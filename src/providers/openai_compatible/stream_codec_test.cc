#include "providers/openai_compatible/stream_codec.h"

#include <gtest/gtest.h>

namespace caprock::providers::openai {
namespace {

using llm::StopReason;

std::string chunk(const std::string& delta, const std::string& finish = "null") {
  return R"(data: {"id":"c-1","object":"chat.completion.chunk","model":"m-1","choices":[{"index":0,"delta":)" +
         delta + R"(,"finish_reason":)" + finish + "}]}\n\n";
}
const std::string kUsage =
    "data: {\"id\":\"c-1\",\"model\":\"m-1\",\"choices\":[],\"usage\":{\"prompt_tokens\":10,"
    "\"completion_tokens\":3,\"prompt_tokens_details\":{\"cached_tokens\":4}}}\n\n";
const std::string kDone = "data: [DONE]\n\n";

/// What a stream says, in short: "t0:text", "r0:thought", "u1:id:name", "i1:json", "/0", "stop", "usage".
struct Trace {
  std::string& out;
  void operator()(const llm::MessageStart& e) const { out += "start:" + e.id + " "; }
  void operator()(const llm::TextDelta& e) const {
    out += "t" + std::to_string(e.block) + ":" + e.text + " ";
  }
  void operator()(const llm::ReasoningDelta& e) const {
    out += "r" + std::to_string(e.block) + ":" + e.text + (e.signature.empty() ? "" : "!" + e.signature) +
           (e.redacted.empty() ? "" : "#" + e.redacted) + " ";
  }
  void operator()(const llm::ToolUseStart& e) const {
    out += "u" + std::to_string(e.block) + ":" + e.id + ":" + e.name + " ";
  }
  void operator()(const llm::ToolInputDelta& e) const {
    out += "i" + std::to_string(e.block) + ":" + e.json + " ";
  }
  void operator()(const llm::RefusalDelta& e) const {
    out += "x" + std::to_string(e.block) + ":" + e.text + " ";
  }
  void operator()(const llm::CitationDelta& e) const {
    out += "c" + std::to_string(e.block) + ":" + e.citation.url + " ";
  }
  void operator()(const llm::ImageDelta& e) const {
    out += "p" + std::to_string(e.block) + ":" + e.image.format + ":" + e.image.source.bytes + " ";
  }
  void operator()(const llm::BlockStop& e) const { out += "/" + std::to_string(e.block) + " "; }
  void operator()(const llm::MessageStop& e) const {
    out += "stop:" + std::to_string(static_cast<int>(e.reason)) + e.stop_sequence + " ";
  }
  void operator()(const llm::StreamMetadata& e) const {
    out += "usage:" + (e.usage_known ? std::to_string(e.usage.input_tokens) + "+" +
                                           std::to_string(e.usage.cache_read_tokens) + "+" +
                                           std::to_string(e.usage.output_tokens)
                                     : "unknown");
  }
  template <class Other>
  void operator()(const Other&) const {
    out += "? ";
  }
};

struct Outcome {
  std::string trace;
  std::optional<base::Error> error;
};

Outcome decode(std::string_view bytes, std::size_t step = 100'000, std::string_view name = "openrouter") {
  StreamDecoder decoder(*dialect_named(name), "m");
  Outcome outcome;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    std::vector<llm::StreamEvent> events;
    const auto read = decoder.push(bytes.substr(at, step), events);
    for (const auto& event : events) std::visit(Trace{outcome.trace}, event);
    if (!read) {
      outcome.error = read.error();
      return outcome;
    }
  }
  if (const auto end = decoder.finish(); !end) outcome.error = end.error();
  return outcome;
}

const std::string kAnswer = ": OPENROUTER PROCESSING\n\n" + chunk(R"({"role":"assistant","content":""})") +
                            chunk(R"({"content":"Hel"})") + chunk(R"({"content":"lo"})") +
                            chunk("{}", R"("stop")") + kUsage + kDone;

TEST(StreamCodec, Text_ComesAsItWasSent) {
  EXPECT_EQ(decode(kAnswer).trace, "start:c-1 t0:Hel t0:lo /0 stop:0 usage:6+4+3");
  EXPECT_FALSE(decode(kAnswer).error);
  EXPECT_EQ(decode(kAnswer, 1).trace, decode(kAnswer).trace);
}

TEST(StreamCodec, CutAtEveryByte_IsAnErrorWithoutAnEnd) {
  // The last byte ends the blank line that ends the event.
  for (std::size_t cut = 0; cut < kAnswer.size(); ++cut) {
    const Outcome outcome = decode(std::string_view(kAnswer).substr(0, cut), 7);
    ASSERT_TRUE(outcome.error) << cut;
    EXPECT_EQ(outcome.error->kind, base::ErrorKind::kUpstream) << cut;
    EXPECT_EQ(outcome.trace.find("stop"), std::string::npos) << cut;
  }
}

TEST(StreamCodec, OneFlippedBit_NeverMakesAnEnd) {
  for (std::size_t at = 0; at < kAnswer.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = kAnswer;
      flipped[at] =
          static_cast<char>(static_cast<unsigned char>(flipped[at]) ^ (1U << static_cast<unsigned>(bit)));
      const Outcome outcome = decode(flipped);
      const bool ended = outcome.trace.find("stop") != std::string::npos;
      EXPECT_EQ(ended, !outcome.error) << at << " " << bit;
      // An end needs its own two signs intact.
      if (ended) {
        EXPECT_NE(flipped.find(R"("finish_reason":"stop")"), std::string::npos);
        EXPECT_NE(flipped.find("[DONE]"), std::string::npos);
      }
    }
  }
}

TEST(StreamCodec, ParallelTools_KeepTheirArgumentsApart) {
  const std::string stream =
      chunk(
          R"({"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"add","arguments":""}}]})") +
      chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":"{\"x\":"}}]})") +
      chunk(R"({"tool_calls":[{"index":1,"id":"b","function":{"name":"mul","arguments":"{}"}}]})") +
      chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]})") +
      chunk("{}", R"("tool_calls")") + kDone;
  EXPECT_EQ(decode(stream).trace,
            "start:c-1 u0:a:add i0:{\"x\": u1:b:mul i1:{} i0:1} /0 /1 stop:3 usage:unknown");
}

TEST(StreamCodec, ToolCallsOfLaxServers_AreUnderstood) {
  // Without index or id; with one index for all; forced by name, which ends with "stop".
  EXPECT_EQ(
      decode(chunk(R"({"tool_calls":[{"function":{"name":"f","arguments":{"a":1}}}]})", R"("stop")") + kDone)
          .trace,
      "start:c-1 u0:call_0_c-1:f i0:{\"a\":1} /0 stop:3 usage:unknown");
  EXPECT_EQ(
      decode(chunk(R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]})") +
             chunk(R"({"tool_calls":[{"index":0,"id":"b","function":{"name":"g","arguments":"{}"}}]})",
                   R"("tool_calls")") +
             kDone)
          .trace,
      "start:c-1 u0:a:f i0:{} u1:b:g i1:{} /0 /1 stop:3 usage:unknown");
  EXPECT_TRUE(decode(chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]})")).error);
}

TEST(StreamCodec, Thoughts_OfEveryCustomaryForm) {
  EXPECT_EQ(decode(chunk(R"({"reasoning_content":"hm"})") + chunk(R"({"content":"So"})", R"("stop")") + kDone)
                .trace,
            "start:c-1 r0:hm /0 t1:So /1 stop:0 usage:unknown");
  EXPECT_EQ(decode(chunk(R"({"reasoning":"hm"})", R"("stop")") + kDone).trace,
            "start:c-1 r0:hm /0 stop:0 usage:unknown");
  const std::string details =
      chunk(R"({"reasoning":"hm","reasoning_details":[{"type":"reasoning.text","text":"hm","index":0}]})") +
      chunk(R"({"reasoning_details":[{"type":"reasoning.text","signature":"c2ln","index":0}]})") +
      chunk(R"({"reasoning_details":[{"type":"reasoning.encrypted","data":"ZW5j","index":1}]})",
            R"("stop")") +
      kDone;
  EXPECT_EQ(decode(details).trace, "start:c-1 r0:hm r0:!c2ln /0 r1:#ZW5j /1 stop:0 usage:unknown");
}

TEST(StreamCodec, RefusalsCitationsAndImages_AreKept) {
  EXPECT_EQ(decode(chunk(R"({"refusal":"I may not"})", R"("stop")") + kDone).trace,
            "start:c-1 x0:I may not /0 stop:0 usage:unknown");
  EXPECT_EQ(
      decode(
          chunk(
              R"({"content":"So","annotations":[{"type":"url_citation","url_citation":{"url":"https://x"}}]})",
              R"("stop")") +
          kDone)
          .trace,
      "start:c-1 t0:So c0:https://x /0 stop:0 usage:unknown");
  EXPECT_EQ(
      decode(chunk(R"({"images":[{"image_url":{"url":"data:image/png;base64,Zm9v"}}]})", R"("stop")") + kDone)
          .trace,
      "start:c-1 p0:png:foo /0 stop:0 usage:unknown");
}

TEST(StreamCodec, FinishReasons_AreTold) {
  const auto reason = [](const std::string& finish) { return decode(chunk("{}", finish) + kDone).trace; };
  EXPECT_EQ(reason(R"("length")"), "start:c-1 stop:1 usage:unknown");
  EXPECT_EQ(reason(R"("stop","stop_reason":"END")"), "start:c-1 stop:2END usage:unknown");
  EXPECT_EQ(reason(R"("content_filter")"), "start:c-1 stop:4 usage:unknown");
  EXPECT_TRUE(decode(chunk("{}", R"("error")") + kDone).error);
  EXPECT_TRUE(decode(chunk("{}", "7") + kDone).error);
}

TEST(StreamCodec, WhatTheProtocolForbids_IsAnError) {
  EXPECT_TRUE(decode(kDone).error);
  EXPECT_TRUE(decode("data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"a\"}}]}\n\n").error);
  EXPECT_TRUE(decode(chunk(R"({"content":7})")).error);
  EXPECT_TRUE(decode(chunk("{}", R"("stop")") + chunk(R"({"content":"more"})") + kDone).error);
  EXPECT_TRUE(decode("data: nonsense\n\n").error);
  EXPECT_TRUE(decode("data: {}\n\n").error);
  EXPECT_TRUE(decode(chunk(R"({"audio":{"id":"x"}})")).error);
}

TEST(StreamCodec, ErrorsInMidStream_AreMapped) {
  const auto kind = [](const std::string& error) {
    return decode(chunk(R"({"content":"a"})") + "data: " + error + "\n\n" + kDone).error->kind;
  };
  using enum base::ErrorKind;
  EXPECT_EQ(kind(R"({"error":{"message":"boom","type":"server_error"}})"), kUpstream);
  EXPECT_EQ(kind(R"({"error":{"message":"slow down","type":"rate_limit_error"}})"), kRateLimited);
  EXPECT_EQ(kind(R"({"id":"c","error":{"code":429,"message":"x"},"choices":[{"finish_reason":"error"}]})"),
            kRateLimited);
  EXPECT_EQ(kind(R"({"object":"error","message":"no","type":"BadRequestError","code":400})"),
            kInvalidArgument);
  EXPECT_EQ(kind(R"({"error":{"message":"Overloaded","code":503}})"), kUnavailable);
}

TEST(StreamCodec, WholeReply_IsTheSameAsItsStream) {
  const std::string body =
      R"({"id":"c-1","model":"m-1","choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant",)"
      R"("content":"So","reasoning_content":"hm","tool_calls":[{"id":"a","type":"function","function":{"name":"f",)"
      R"("arguments":"{}"}}]}}],"usage":{"prompt_tokens":5,"completion_tokens":2,"cost":0.00125}})";
  const auto events = decode_reply(*dialect_named("openai"), "m", body);
  ASSERT_TRUE(events);
  std::string trace;
  for (const auto& event : *events) std::visit(Trace{trace}, event);
  EXPECT_EQ(trace, "start:c-1 r0:hm /0 t1:So /1 u2:a:f i2:{} /2 stop:3 usage:5+0+2");
  EXPECT_EQ(std::get<llm::StreamMetadata>(events->back()).usage.billed_nano_usd, 1'250'000);
}

TEST(StreamCodec, WholeReplyThatIsNone_IsAnError) {
  for (const char* body :
       {"", "[]", "{}", R"({"choices":[]})", R"({"choices":[{"message":{"content":"x"}}]})",
        R"({"choices":[{"finish_reason":"stop"}]})", R"({"error":{"message":"x","code":502}})"})
    EXPECT_FALSE(decode_reply(*dialect_named("openai"), "m", body)) << body;
}

}  // namespace
}  // namespace caprock::providers::openai
