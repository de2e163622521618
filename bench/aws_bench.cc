// What the wire to AWS costs: signatures of a 1.2 kB request with hashing its body, event streams, checksums.
// The counter `allocations` is a round's, after the first.
#include <benchmark/benchmark.h>
#include <openssl/evp.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <new>
#include <string>

#include "aws/crc32.h"
#include "aws/eventstream.h"
#include "aws/sigv4.h"
#include "aws/sigv4_verify.h"

namespace {
std::atomic<std::size_t> allocations = 0;
}

void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace caprock::aws {
namespace {

constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
constexpr base::WallTime kNow{std::chrono::seconds(1'767'323'045)};
constexpr SigningScope kScope{"us-east-1", "bedrock"};

/// As stock boto3 sends it.
struct Request {
  std::string body = std::string(1200, 'x');
  std::array<HeaderView, 6> headers{
      {{"Content-Type", "application/json"},
       {"User-Agent", "Boto3/1.44.5 md/Botocore#1.44.5 ua/2.1 os/linux#6.1 md/arch#x86_64 lang/python#3.11"},
       {"X-Amz-Date", "20260102T030405Z"},
       {"amz-sdk-invocation-id", "7ddc6bb5-3f6a-4d0c-9f8f-0d4d1c2a5b6e"},
       {"amz-sdk-request", "attempt=1"},
       {"Content-Length", "1200"}}};

  SigningRequest hashed() const {
    return {.method = "POST",
            .host = "bedrock-runtime.us-east-1.amazonaws.com",
            .path = "/model/anthropic.claude-3-5-sonnet-20240620-v1%3A0/converse",
            .headers = headers,
            .payload = PayloadHash::of(body)};
  }
};

void expect(bool ok) {
  if (!ok) std::abort();
}

void report_allocations(benchmark::State& state, std::size_t before) {
  state.counters["allocations"] =
      benchmark::Counter(static_cast<double>(allocations - before), benchmark::Counter::kAvgIterations);
}

void BM_sign(benchmark::State& state) {
  const Request request;
  const std::string token(state.range(0), 't');
  Signer signer;
  SignatureHeaders out;
  const auto once = [&] {
    signer.sign(request.hashed(), {"AKIDEXAMPLE", kSecret, token}, kScope, kNow, out);
  };
  once();
  const std::size_t before = allocations;
  for (auto _ : state) once();
  report_allocations(state, before);
}
BENCHMARK(BM_sign)->ArgName("token")->Arg(0)->Arg(1000);

void BM_verify(benchmark::State& state) {
  const Request request;
  SignatureHeaders sent;
  Signer().sign(request.hashed(), {"AKIDEXAMPLE", kSecret, ""}, kScope, kNow, sent);
  const base::Secret secret{std::string(kSecret)};
  SignatureVerifier verifier;
  const auto once = [&] {
    const auto claim = parse_authorization(sent.authorization);
    expect(claim && verifier.verify(*claim, request.hashed(), &secret, {}, kNow));
  };
  once();
  const std::size_t before = allocations;
  for (auto _ : state) once();
  report_allocations(state, before);
}
BENCHMARK(BM_verify);

void BM_sha256(benchmark::State& state) {
  const std::string text(state.range(0), 'x');
  for (auto _ : state) benchmark::DoNotOptimize(base::sha256(text));
}
BENCHMARK(BM_sha256)->Arg(0)->Arg(1200);

void BM_sha256_by_evp(benchmark::State& state) {
  const std::string text(state.range(0), 'x');
  base::Sha256Digest digest;
  for (auto _ : state) {
    expect(EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) == 1);
    benchmark::DoNotOptimize(digest);
  }
}
BENCHMARK(BM_sha256_by_evp)->Arg(0)->Arg(1200);

void BM_hash_of_the_body(benchmark::State& state) {
  const std::string body(state.range(0), 'x');
  for (auto _ : state) benchmark::DoNotOptimize(PayloadHash::of(body));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_hash_of_the_body)->Arg(1200)->Arg(100'000);

constexpr std::string_view kDelta = R"({"contentBlockIndex":0,"delta":{"text":" of the"},"p":"abcdefghijk"})";

void BM_encode_event(benchmark::State& state) {
  std::string out;
  expect(append_event(out, "contentBlockDelta", kDelta).has_value());
  const std::size_t before = allocations;
  for (auto _ : state) {
    out.clear();
    expect(append_event(out, "contentBlockDelta", kDelta).has_value());
  }
  report_allocations(state, before);
}
BENCHMARK(BM_encode_event);

void BM_decode_event(benchmark::State& state) {
  std::string stream;
  expect(append_event(stream, "contentBlockDelta", kDelta).has_value());
  EventDecoder decoder;
  expect(std::holds_alternative<EventMessage>(decoder.decode(stream)));
  const std::size_t before = allocations;
  for (auto _ : state) {
    const EventOutcome outcome = decoder.decode(stream);
    benchmark::DoNotOptimize(std::get<EventMessage>(outcome).text(":event-type"));
  }
  report_allocations(state, before);
}
BENCHMARK(BM_decode_event);

void BM_crc32(benchmark::State& state) {
  const std::string bytes(state.range(0), 'x');
  for (auto _ : state) benchmark::DoNotOptimize(crc32(bytes));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_crc32)->Arg(8)->Arg(150)->Arg(16'384);

void BM_crc32_by_tables(benchmark::State& state) {
  const std::string bytes(state.range(0), 'x');
  for (auto _ : state) benchmark::DoNotOptimize(crc32_by_tables(bytes));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_crc32_by_tables)->Arg(8)->Arg(150)->Arg(16'384);

}  // namespace
}  // namespace caprock::aws
