#pragma once

#include "base/clock.h"
#include "server/body_pace.h"
#include "server/http2_session.h"
#include "server/http2_stream.h"
#include "server/loop_signal.h"
#include "server/stop.h"

namespace caprock::server {

/// A stream of a connection with the exchange that answers it.
struct Http2Flight : Http2Stream {
  Http2Flight(std::int32_t number, const boost::asio::any_io_executor& executor,
              std::chrono::nanoseconds body_timeout)
      : Http2Stream(number), readable(executor), writable(executor), pace(body_timeout) {}

  RequestStop stop;
  LoopSignal readable;  ///< more of the body, its end, or no hope of it
  LoopSignal writable;  ///< the client took something, or never will
  BodyPace pace;
  bool running = false;                             ///< its exchange has begun
  bool unsettled = false;                           ///< its connection has yet to look at what changed
  bool continue_due = false;                        ///< the client waits for "100" before it sends the body
  bool body_too_slow = false;                       ///< nothing more is read of it
  base::MonoTime deadline = base::MonoTime::max();  ///< of the exchange
  base::MonoTime body_deadline = base::MonoTime::max();  ///< while the exchange waits for the body
  std::uint64_t answered_before = 0;                     ///< `answered` at the last tick
  base::MonoTime moved{};  ///< the last tick at which the client had taken bytes, or none waited
};

/// What a flight's body and sink need of its connection.
class Http2Link {
 public:
  virtual ~Http2Link() = default;
  virtual Http2Session& session() = 0;
  /// Makes frames of what is ready, as far as there is room, and has them sent.
  virtual void push() = 0;
};

/// The body of a flight. What nobody reads stays with the client, but for the stream's window.
class Http2Body final : public BodyReader {
 public:
  Http2Body(Http2Link& link, Http2Flight& flight) : link_(link), flight_(flight) {}
  base::Awaitable<base::Result<std::optional<std::string>>> read() override;

 private:
  Http2Link& link_;
  Http2Flight& flight_;
};

}  // namespace caprock::server
