#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <stop_token>
#include <utility>

#include "base/context.h"

namespace caprock::net {

/// Ends the waiting of one connection when the request's deadline passes or the request is cancelled. The
/// timer is set once for a request, not for each of its operations. Everything on the connection's loop; only
/// the cancellation of a request may come from elsewhere.
class IoGuard {
 public:
  /// `cancel` makes the operation that waits end with an error.
  IoGuard(const boost::asio::any_io_executor& executor, std::function<void()> cancel)
      : state_(std::make_shared<State>(executor, std::move(cancel))) {}
  ~IoGuard() { state_->close(); }
  IoGuard(const IoGuard&) = delete;
  IoGuard& operator=(const IoGuard&) = delete;

  /// Watches over one operation while it lives.
  class Watch;
  /// The deadline ended the last operation.
  bool expired() const { return state_->expired; }
  /// No request is on the connection any more.
  void rest() { state_->rest(); }

 private:
  struct State : std::enable_shared_from_this<State> {
    State(const boost::asio::any_io_executor& executor, std::function<void()> how)
        : timer(executor), cancel(std::move(how)) {}

    void begin(base::MonoTime at) {
      deadline = at;
      expired = false;
      waiting = true;
      if (deadline < set_to) set();
    }
    void end() {
      waiting = false;
      ++operation;
    }
    void set() {
      set_to = deadline;
      timer.expires_at(deadline);
      timer.async_wait([weak = weak_from_this()](const boost::system::error_code& ec) {
        const auto self = weak.lock();
        if (!ec && self) self->on_time();
      });
    }
    void on_time() {
      set_to = base::MonoTime::max();
      if (!waiting || deadline == base::MonoTime::max()) return;
      if (base::system_clock().mono() < deadline) return set();
      expired = true;
      if (cancel) cancel();
    }
    void interrupt(std::uint64_t which) const {
      if (waiting && which == operation && cancel) cancel();
    }
    void rest() {
      if (set_to != base::MonoTime::max()) timer.cancel();
      set_to = base::MonoTime::max();
    }
    void close() {
      cancel = nullptr;
      timer.cancel();
    }

    boost::asio::steady_timer timer;
    std::function<void()> cancel;
    base::MonoTime deadline = base::MonoTime::max();
    base::MonoTime set_to = base::MonoTime::max();  ///< never later than what it is needed for
    bool waiting = false;
    bool expired = false;
    std::uint64_t operation = 0;  ///< a cancellation may arrive when the next one is already on
  };
  std::shared_ptr<State> state_;
};

class IoGuard::Watch {
 public:
  Watch(IoGuard& guard, const base::RequestContext& context)
      : state_(*guard.state_),
        interrupt_(context.cancelled, Interrupt{guard.state_, guard.state_->operation}) {
    state_.begin(context.deadline.at());
  }
  ~Watch() { state_.end(); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  struct Interrupt {
    std::shared_ptr<State> state;
    std::uint64_t operation;
    void operator()() const {
      boost::asio::post(state->timer.get_executor(),
                        [state = state, which = operation] { state->interrupt(which); });
    }
  };
  State& state_;
  std::stop_callback<Interrupt> interrupt_;
};

}  // namespace caprock::net
