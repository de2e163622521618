#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/awaitable.h"
#include "server/exchange.h"

namespace caprock::server {

/// One event of a stream (https://html.spec.whatwg.org/multipage/server-sent-events.html).
struct SseEvent {
  std::string event;
  std::string data;  ///< any text; its line breaks are kept
  std::string id;    ///< empty: none
};

/// The event's bytes. Line breaks in `event` and `id`, which cannot be told, become blanks.
std::string frame(const SseEvent& event);

/// Writes an event stream as the answer to an exchange, with a heartbeat, a comment by default, while its
/// producer is silent, so that no proxy takes the connection for dead. All calls on the executor of the
/// exchange.
class SseWriter {
 public:
  /// `pulse`: what the heartbeat writes, a whole event or comment.
  SseWriter(Exchange& exchange, std::chrono::nanoseconds heartbeat, std::string pulse = ": heartbeat\n\n");
  ~SseWriter();

  /// Status 200 and the headers of a stream.
  base::Awaitable<base::Result<void>> start(Headers headers = {});
  /// Errors: kCancelled when the client has gone.
  base::Awaitable<base::Result<void>> send(const SseEvent& event);
  /// Events that came together, in one write.
  base::Awaitable<base::Result<void>> send(const std::vector<SseEvent>& events);
  /// The `error` event of REST, as the last: a stopped request is told as what stopped it.
  base::Awaitable<base::Result<void>> send_error(base::Error error);
  base::Awaitable<base::Result<void>> finish();

  /// Awaits `producer`, which sends, with heartbeats meanwhile. The heartbeats have ended when this returns.
  base::Awaitable<base::Result<void>> run(base::Awaitable<base::Result<void>> producer);

 private:
  struct State;
  static base::Awaitable<void> beat(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace caprock::server
