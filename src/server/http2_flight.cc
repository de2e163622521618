#include "server/http2_flight.h"

namespace caprock::server {
namespace {

using base::ErrorKind;

base::MonoTime now() { return std::chrono::steady_clock::now(); }

}  // namespace

base::Awaitable<base::Result<std::optional<std::string>>> Http2Body::read() {
  if (std::exchange(flight_.continue_due, false) && flight_.body.empty() && !flight_.answer_begun) {
    link_.session().say_continue(flight_);
    link_.push();
  }
  while (flight_.body.empty() || flight_.closed) {
    if (flight_.body_ended && flight_.body.empty()) co_return std::nullopt;
    if (flight_.closed) co_return base::failure(base::Error(ErrorKind::kCancelled, "the client has gone"));
    if (flight_.body_too_slow)
      co_return base::failure(
          base::Error(ErrorKind::kRequestTimeout, "the request body took too long to arrive"));
    const auto began = now();
    flight_.body_deadline = began + flight_.pace.allowance();
    co_await flight_.readable.wait();
    flight_.body_deadline = base::MonoTime::max();
    flight_.pace.waited(now() - began);
  }
  std::string bytes = std::exchange(flight_.body, {});
  flight_.pace.received(bytes.size());
  link_.session().consumed(flight_, bytes.size());
  link_.push();
  co_return bytes;
}

}  // namespace caprock::server
