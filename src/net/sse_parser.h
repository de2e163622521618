#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace caprock::net {

struct SseEvent {
  std::string type = "message";
  std::string data;
  std::string id;  ///< the last id that the stream gave, also when this event had none
  bool operator==(const SseEvent&) const = default;
};

/// Reads `text/event-stream` as bytes come in, split anywhere.
/// https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
/// Comments are skipped; an event that the stream ends within is dropped, as the specification asks.
class SseParser {
 public:
  explicit SseParser(std::size_t max_event_bytes = 16U << 20) : limit_(max_event_bytes) {}

  /// The events that `bytes` completed. kUpstream when one is larger than the limit; the parser is of no use
  /// then.
  base::Result<std::vector<SseEvent>> push(std::string_view bytes);
  const std::string& last_id() const { return id_; }
  /// The reconnection time that the stream asked for.
  std::optional<std::chrono::milliseconds> retry() const { return retry_; }

 private:
  void take_line(std::vector<SseEvent>& out);
  void take_field(std::string_view name, std::string_view value);
  void dispatch(std::vector<SseEvent>& out);

  std::size_t limit_;
  std::string line_;
  std::string type_;
  std::string data_;
  std::string id_;
  std::optional<std::chrono::milliseconds> retry_;
  bool after_cr_ = false;   ///< a line feed now belongs to the line end before it
  bool first_line_ = true;  ///< which may begin with a byte order mark
};

}  // namespace caprock::net
