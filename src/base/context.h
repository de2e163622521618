#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/strong.h"
#include "base/trace.h"

namespace caprock::base {

/// Who is asking. The tenant is the first component of every key in every store.
struct Principal {
  TenantId tenant{"default"};
  std::string user = "local";
  std::string key_id;  ///< the issued key's id, never the key
  std::vector<std::string> roles;
  std::string use_case;
};

/// When the answer is of no use any more. Made at the edge, handed down.
class Deadline {
 public:
  static Deadline never() { return Deadline(MonoTime::max()); }
  static Deadline after(std::chrono::nanoseconds span, const Clock& clock = system_clock()) {
    return Deadline(clock.mono() + std::chrono::duration_cast<MonoTime::duration>(span));
  }
  explicit Deadline(MonoTime at) : at_(at) {}
  MonoTime at() const { return at_; }
  bool passed(const Clock& clock = system_clock()) const { return clock.mono() >= at_; }

 private:
  MonoTime at_;
};

/// What travels with a request from the edge to the last I/O. Passed by reference to callees that are
/// awaited, by value into anything that is spawned. Immutable once made, so any thread may read it.
struct RequestContext {
  RequestId request_id;
  TraceContext trace;
  Principal principal;
  Deadline deadline = Deadline::never();
  std::stop_token
      cancelled;  ///< requested when the client goes away, cancels, or the server gives up draining

  /// kCancelled or kDeadlineExceeded when there is no point in going on.
  Result<void> check() const;
};

/// A context for work that no request waits for (ingest jobs, start-up): fresh ids, and no deadline says so.
RequestContext background_context(TenantId tenant, std::stop_token stop = {});

}  // namespace caprock::base
