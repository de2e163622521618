// What Bedrock's Converse costs besides the wire: requests written, events of a stream read.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "aws/eventstream.h"
#include "providers/bedrock/converse_reply.h"
#include "providers/bedrock/converse_request.h"
#include "providers/bedrock/stream_decoder.h"

namespace caprock::providers::bedrock {
namespace {

void expect(bool ok) {
  if (!ok) std::abort();
}

/// A body of 1.2 kB, or of as many kB as the argument says.
void ConverseBody(benchmark::State& state) {
  llm::ChatRequest request{.model = "us.anthropic.claude-sonnet-4-20250514-v1:0"};
  request.system = {llm::TextBlock{"You are brief."}};
  std::string prompt;
  while (prompt.size() < static_cast<std::size_t>(state.range(0)))
    prompt += "The \"quick\" brown fox\njumps over. ";
  request.messages = {llm::text_message(llm::Role::kUser, prompt)};
  request.inference = {.max_tokens = 256, .temperature = 0.5};
  for (auto _ : state) {
    auto body = converse_body(request);
    expect(body.has_value());
    benchmark::DoNotOptimize(body);
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(ConverseBody)->Arg(1200)->Arg(100'000)->Arg(1'000'000);

/// One event of text as Bedrock sends them, JSON alone.
void TextEvent(benchmark::State& state) {
  const std::string payload =
      R"({"contentBlockIndex":0,"delta":{"text":" jumps over\n"},"p":"abcdefghijklmnopqrstuvwx"})";
  std::vector<llm::StreamEvent> out;
  for (auto _ : state) {
    out.clear();
    expect(read_event("contentBlockDelta", payload, out).has_value());
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(TextEvent);

/// A stream of 64 texts that arrives in one piece: frames, checksums, JSON. Time is of one event.
void Stream(benchmark::State& state) {
  constexpr int kTexts = 64;
  std::string bytes;
  expect(aws::append_event(bytes, "messageStart", R"({"role":"assistant"})").has_value());
  for (int i = 0; i < kTexts; ++i)
    expect(
        aws::append_event(bytes, "contentBlockDelta",
                          R"({"contentBlockIndex":0,"delta":{"text":" jumps over"},"p":"abcdefghijklmnop"})")
            .has_value());
  expect(aws::append_event(bytes, "messageStop", R"({"stopReason":"end_turn"})").has_value());
  expect(aws::append_event(
             bytes, "metadata",
             R"({"usage":{"inputTokens":1,"outputTokens":64,"totalTokens":65},"metrics":{"latencyMs":1}})")
             .has_value());
  std::vector<llm::StreamEvent> out;
  for (auto _ : state) {
    out.clear();
    StreamDecoder decoder({.model = "m", .region = "us-east-1"});
    expect(decoder.push(bytes, out).has_value() && decoder.done());
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations() * (kTexts + 3));
}
BENCHMARK(Stream);

}  // namespace
}  // namespace caprock::providers::bedrock
