#pragma once

#include <memory>

#include "base/clock.h"
#include "base/error.h"
#include "gateway/call_trace.h"
#include "gateway/usage.h"

namespace caprock::gateway {

/// Measures one call from its beginning to its end, whatever that is, and makes its one record. Without
/// `end` it ends with its life: whoever asked has gone. One thread at a time.
class CallMeter {
 public:
  /// `surface` and `operation` are constants. The clock must outlive it.
  CallMeter(std::shared_ptr<UsageSink> sink, const base::Clock& clock, const base::RequestContext& context,
            std::string_view surface, std::string_view operation, std::string model);
  ~CallMeter();
  CallMeter(const CallMeter&) = delete;
  CallMeter& operator=(const CallMeter&) = delete;

  CallTrace& trace() { return trace_; }
  /// Something of the reply came; the first time is remembered.
  void event();
  /// What the provider says it used; `whole` when nothing will be added.
  void used(const llm::Usage& usage, bool whole);
  void end();
  void end(const base::Error& error);
  /// From now on nobody reads: a good end is one for nobody.
  void reader_gone() { gone_ = true; }
  bool ended() const { return ended_; }

 private:
  void finish(Outcome outcome, std::string_view error);

  const std::shared_ptr<UsageSink> sink_;
  const base::Clock& clock_;
  const base::MonoTime began_;
  const std::stop_token cancelled_;
  const base::Deadline deadline_;
  UsageRecord record_;
  CallTrace trace_;
  bool ended_ = false;
  bool gone_ = false;
};

}  // namespace caprock::gateway
