#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace caprock::base {

/// W3C Trace Context, https://www.w3.org/TR/trace-context/ : lower-case hex ids.
struct TraceContext {
  std::string trace_id;   ///< 32 hex digits, not all zero
  std::string span_id;    ///< 16 hex digits: our own span
  std::string parent_id;  ///< 16 hex digits of the caller's span, or empty
  bool sampled = false;

  /// The header to send on: `00-<trace_id>-<span_id>-<flags>`.
  std::string traceparent() const;
};

/// The caller's trace with a new span of ours. Empty when `header` does not follow the recommendation: the
/// caller then starts a new trace.
std::optional<TraceContext> continue_trace(std::string_view header);
TraceContext new_trace();

/// 128 random bits as a UUID version 7 (RFC 9562): sorts by time of creation.
std::string new_uuid();
/// `count` random bytes from the operating system, as lower-case hex.
std::string random_hex(std::size_t count);

}  // namespace caprock::base
