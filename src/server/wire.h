#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/awaitable.h"
#include "base/clock.h"
#include "server/transport.h"

namespace caprock::server {

/// The bytes of a connection with their time-outs: a bounded input buffer, writes that give up on a dead
/// reader, and the watch that notices a client leaving while its answer is being made. Time-outs are compared
/// by tick(), which the loop calls for all its connections: no timer is set on the way of a request. All
/// calls on the connection's loop.
class Wire {
 public:
  struct Limits {
    std::size_t input = 64 * 1024UL;  ///< most bytes that are kept unparsed
    std::chrono::nanoseconds write_timeout{};
  };
  enum class Fill { kData, kEnd, kTimeout };

  Wire(std::unique_ptr<Transport> transport, Limits limits, const boost::asio::any_io_executor& executor);

  base::Awaitable<bool> handshake(std::chrono::nanoseconds timeout);

  std::string_view input() const { return {buffer_.data() + begin_, end_ - begin_}; }
  void consume(std::size_t bytes) { begin_ += bytes; }
  bool full() const { return end_ - begin_ >= limits_.input; }
  /// Waits for more input; not when full(). `want`: how much room to make for it.
  base::Awaitable<Fill> fill(std::chrono::nanoseconds timeout, std::size_t want = 4096);
  /// From the next tick on reads ahead, within bounds, to notice when the client goes; `on_gone` is called
  /// then.
  void watch();
  void set_on_gone(std::function<void()> on_gone) { on_gone_ = std::move(on_gone); }
  /// Ends a fill() as if its time had passed.
  void interrupt();

  /// False when the client is gone or takes nothing for write_timeout.
  base::Awaitable<bool> send(std::string_view first, std::string_view second = {});

  /// Ends the connection. `linger`: reads and drops what the client still sends for a while, so that it gets
  /// to read our last answer instead of a reset.
  base::Awaitable<void> close(bool linger);
  void abort() { transport_->close(); }
  void tick(base::MonoTime now);

  bool broken() const { return broken_; }
  bool secure() const { return transport_->secure(); }
  std::string_view agreed_protocol() const { return transport_->agreed_protocol(); }
  std::string peer() const { return transport_->peer(); }

 private:
  std::span<char> room(std::size_t want);
  void read_ahead();
  void took(boost::system::error_code ec, std::size_t bytes);
  void break_off();
  base::Awaitable<void> read_done();
  base::Awaitable<void> discard_input();

  std::unique_ptr<Transport> transport_;
  Limits limits_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool reading_ = false;
  bool watching_ = false;
  bool ended_ = false;    ///< the client sends nothing more
  bool broken_ = false;   ///< and takes nothing more
  bool expired_ = false;  ///< the last fill
  base::MonoTime read_deadline_ = base::MonoTime::max();
  base::MonoTime write_deadline_ = base::MonoTime::max();
  std::function<void()> on_gone_;
  boost::asio::steady_timer wake_;
};

}  // namespace caprock::server
