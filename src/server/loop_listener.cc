#include "server/loop_listener.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/event.h"
#include "base/log.h"
#include "server/accepted_connection.h"

namespace caprock::server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// So many at once hear on each loop that the server is full; those above are closed without a word.
constexpr int kMostRefusing = 64;

// A quarter of the shortest time-out, so that each is kept to a quarter.
std::chrono::milliseconds tick_interval(const Settings& s) {
  const auto shortest =
      std::min({s.header_timeout, s.body_timeout, s.idle_timeout, s.write_timeout, s.request_timeout});
  return std::clamp(shortest / 4, std::chrono::milliseconds(2), std::chrono::milliseconds(250));
}

void log_end(const std::exception_ptr& failed, const char* what) {
  if (!failed) return;
  try {
    std::rethrow_exception(failed);
  } catch (const std::exception& e) {
    base::log(base::LogLevel::kError, "ended by an exception", {{"task", what}, {"what", e.what()}});
  }
}

}  // namespace

LoopListener::LoopListener(ListenerShared& shared, tcp::acceptor acceptor, TlsContext tls)
    : shared_(shared),
      acceptor_(std::move(acceptor)),
      ticker_(acceptor_.get_executor()),
      tls_(std::move(tls)) {}
LoopListener::~LoopListener() = default;

void LoopListener::start() {
  running_ += 2;
  asio::co_spawn(acceptor_.get_executor(), accept(), [this](std::exception_ptr failed) {
    log_end(failed, "accept");
    finished();
  });
  asio::co_spawn(acceptor_.get_executor(), tick(), [this](std::exception_ptr failed) {
    log_end(failed, "tick");
    finished();
  });
}

void LoopListener::finished() {
  --running_;
  // Time-outs are kept until the last connection has ended.
  if (draining_ && connections_.empty()) ticker_.cancel();
  if (draining_ && running_ == 0 && done_) std::exchange(done_, nullptr)();
}

base::Awaitable<void> LoopListener::accept() {
  while (!draining_) {
    error_code ec;
    tcp::socket socket = co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, ec));
    if (!ec) {
      admit(std::move(socket));
    } else if (!draining_ && ec != asio::error::connection_aborted) {
      base::log(base::LogLevel::kWarn, "cannot accept a connection", {{"reason", ec.message()}});
      co_await base::sleep_for(std::chrono::milliseconds(50));  // out of descriptors: others must end first
    }
  }
}

void LoopListener::admit(tcp::socket socket) {
  error_code ignored;
  // Without it an answer's last piece waits up to 40 ms for the client's delayed acknowledgement.
  socket.set_option(tcp::no_delay(true), ignored);
  const bool overloaded = shared_.open.fetch_add(1) >= shared_.settings.max_connections;
  if (overloaded && (tls_ || refusing_ >= kMostRefusing)) {
    shared_.open.fetch_sub(1);
    return;
  }
  refusing_ += overloaded ? 1 : 0;
  shared_.connections.add(1);
  const auto executor = socket.get_executor();
  auto transport = tls_ ? tls_transport(std::move(socket), tls_) : plain_transport(std::move(socket));
  connections_.push_front(accepted_connection(std::move(transport), shared_.dispatcher, shared_.settings,
                                              shared_.http2_metrics, executor, overloaded));
  ++running_;
  const auto place = connections_.begin();
  if (draining_) (*place)->drain();
  asio::co_spawn(executor, (*place)->run(), [this, place, overloaded](std::exception_ptr failed) {
    log_end(failed, "connection");
    connections_.erase(place);
    refusing_ -= overloaded ? 1 : 0;
    shared_.open.fetch_sub(1);
    shared_.connections.add(-1);
    finished();
  });
}

base::Awaitable<void> LoopListener::tick() {
  const auto interval = tick_interval(shared_.settings);
  while (!draining_ || !connections_.empty()) {
    error_code ignored;
    ticker_.expires_after(interval);
    co_await ticker_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    const base::MonoTime now = std::chrono::steady_clock::now();
    for (auto it = connections_.begin(); it != connections_.end();) (*it++)->tick(now);
  }
}

// The kernel resets what waits in the queue of an acceptor that is closed: these clients came in time.
void LoopListener::accept_backlog() {
  error_code ec;
  acceptor_.non_blocking(true, ec);
  while (!ec) {
    tcp::socket socket(acceptor_.get_executor());
    acceptor_.accept(socket, ec);
    if (!ec) admit(std::move(socket));
  }
}

void LoopListener::drain(std::function<void()> done) {
  done_ = std::move(done);
  if (!std::exchange(draining_, true)) {
    accept_backlog();
    error_code ignored;
    acceptor_.close(ignored);
    for (auto it = connections_.begin(); it != connections_.end();) (*it++)->drain();
    ticker_.cancel();
  }
  if (running_ == 0 && done_) std::exchange(done_, nullptr)();
}

void LoopListener::stop_requests(StopCause cause) {
  for (auto it = connections_.begin(); it != connections_.end();) (*it++)->stop(cause);
}

void LoopListener::abort_connections() {
  for (auto it = connections_.begin(); it != connections_.end();) (*it++)->abort();
}

}  // namespace caprock::server
