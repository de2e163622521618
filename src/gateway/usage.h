#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/context.h"
#include "llm/usage.h"

namespace caprock::gateway {

/// How a call ended. Every call ends in exactly one of these.
enum class Outcome : std::uint8_t {
  kOk,
  kError,       ///< before anything had come
  kTimeout,     ///< the deadline of the request passed
  kClientGone,  ///< whoever asked went away, or dropped the reply before its end
  kBroken,      ///< the reply broke off after it had begun
};
/// "ok", "error", "timeout", "client_gone", "broken".
std::string_view name_of(Outcome outcome);

/// The account of one call to a model: who, what, where, how much, how long, and how it ended.
struct UsageRecord {
  base::WallTime at{};  ///< when it began
  base::RequestId request_id;
  std::string trace_id;
  base::Principal principal;
  std::string_view surface;    ///< "openai", "bedrock", …: a constant
  std::string_view operation;  ///< "chat", "embed", "rerank", "invoke", …: a constant
  std::string model_asked;     ///< as the client named it; empty: the default
  // Of the target that answered, or was asked last; empty when none was.
  std::string target;
  std::string provider;
  std::string account;
  std::string region;
  std::string model;
  std::string_view reason;  ///< of the route, a word: "first", "retry", "affinity", "throttled" …
  std::int64_t attempts = 0;
  llm::Usage usage;
  bool usage_known = false;  ///< false: what is in `usage` is at most a part of it
  std::chrono::nanoseconds latency{};
  std::optional<std::chrono::nanoseconds> first_event = {};
  Outcome outcome = Outcome::kOk;
  std::string_view error = {};  ///< kind or cause, a word; empty for kOk
};

/// Where records go. Any thread; must not block: what takes time is queued behind it.
class UsageSink {
 public:
  virtual ~UsageSink() = default;
  virtual void record(const UsageRecord& record) = 0;
};

/// Several as one.
class UsageSinks final : public UsageSink {
 public:
  explicit UsageSinks(std::vector<std::unique_ptr<UsageSink>> sinks) : sinks_(std::move(sinks)) {}
  void record(const UsageRecord& record) override {
    for (const auto& sink : sinks_) sink->record(record);
  }

 private:
  std::vector<std::unique_ptr<UsageSink>> sinks_;
};

}  // namespace caprock::gateway
