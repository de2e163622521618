#include "server/server.h"

#include <sys/socket.h>

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <latch>
#include <mutex>

#include "base/log.h"
#include "server/loop_listener.h"

namespace caprock::server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

base::Error cannot_listen(const tcp::endpoint& endpoint, const error_code& ec) {
  std::string where = endpoint.address().to_string() + ":" + std::to_string(endpoint.port());
  std::string why =
      ec == asio::error::address_in_use ? "the port is in use; choose another with --listen" : ec.message();
  return base::Error(base::ErrorKind::kUnavailable, "cannot listen on " + where + ": " + why)
      .with_field("server.listen");
}

void reuse_port(tcp::acceptor& acceptor, error_code& ec) {
  const int on = 1;
  if (::setsockopt(acceptor.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0)
    ec.assign(errno, boost::system::system_category());
}

base::Result<tcp::acceptor> open_acceptor(const asio::any_io_executor& executor,
                                          const tcp::endpoint& endpoint, bool shared) {
  tcp::acceptor acceptor(executor);
  error_code ec;
  acceptor.open(endpoint.protocol(), ec);
  if (!ec) acceptor.set_option(asio::socket_base::reuse_address(true), ec);
  if (!ec && shared) reuse_port(acceptor, ec);
  if (!ec) acceptor.bind(endpoint, ec);
  if (!ec && shared) acceptor.listen(asio::socket_base::max_listen_connections, ec);
  if (ec) return base::failure(cannot_listen(endpoint, ec));
  return acceptor;
}

}  // namespace

class Server::Parts {
 public:
  Parts(const Settings& settings, Dispatcher& dispatcher, EventLoops& loops, base::MetricRegistry& metrics)
      : settings(settings),
        loops(loops),
        http2_metrics(metrics),
        shared{.settings = settings,
               .dispatcher = dispatcher,
               .connections = metrics.gauge("caprock_http_connections", "Open client connections"),
               .http2_metrics = http2_metrics} {}

  base::Result<TlsContext> certificate() const {
    if (settings.tls_certificate.empty()) return TlsContext();
    return load_tls(settings.tls_certificate, settings.tls_key, settings.http2);
  }
  base::Result<void> listen();
  bool wait_until_drained(std::chrono::milliseconds span) {
    std::unique_lock lock(mutex);
    return drained.wait_for(lock, span, [&] { return left == 0; });
  }
  template <class Action>
  void on_each(const Action& action) {
    for (const auto& listener : listeners)
      asio::post(loops.executor(static_cast<std::size_t>(&listener - listeners.data())),
                 [listener = listener.get(), action] { action(*listener); });
  }
  void drain(std::chrono::milliseconds grace);
  void one_drained() {
    const std::lock_guard lock(mutex);
    --left;
    drained.notify_all();
  }

  const Settings& settings;
  EventLoops& loops;
  Http2Metrics http2_metrics;
  ListenerShared shared;
  tcp::endpoint endpoint;
  std::vector<std::unique_ptr<LoopListener>> listeners;
  std::atomic<bool> draining{false};
  std::mutex mutex;
  std::condition_variable drained;
  std::size_t left = 0;  ///< listeners that still have connections
};

base::Result<void> Server::Parts::listen() {
  CAPROCK_TRY(const ListenAddress address, parse_listen(settings.listen));
  endpoint = tcp::endpoint(asio::ip::make_address(address.host), address.port);
  CAPROCK_TRY(const TlsContext tls, certificate());
  // SO_REUSEPORT would let a second server of this user share the port without a word: look first without it.
  if (address.port != 0) CAPROCK_CHECK(open_acceptor(loops.executor(0), endpoint, false));
  for (std::size_t i = 0; i < loops.size(); ++i) {
    CAPROCK_TRY(tcp::acceptor acceptor, open_acceptor(loops.executor(i), endpoint, true));
    endpoint = acceptor.local_endpoint();
    listeners.push_back(std::make_unique<LoopListener>(shared, std::move(acceptor), tls));
  }
  left = listeners.size();
  on_each([](LoopListener& listener) { listener.start(); });
  return {};
}

void Server::Parts::drain(std::chrono::milliseconds grace) {
  if (!draining.exchange(true))
    on_each([this](LoopListener& listener) { listener.drain([this] { one_drained(); }); });
  if (wait_until_drained(grace)) return;
  on_each([](LoopListener& listener) { listener.stop_requests(StopCause::kShutdown); });
  if (wait_until_drained(kLastWords)) return;
  on_each([](LoopListener& listener) { listener.abort_connections(); });
  while (!wait_until_drained(std::chrono::seconds(5)))
    base::log(base::LogLevel::kWarn, "a request does not end; waiting for it");
}

Server::Server(const Settings& settings, Dispatcher& dispatcher, EventLoops& loops,
               base::MetricRegistry& metrics)
    : parts_(std::make_unique<Parts>(settings, dispatcher, loops, metrics)) {}

Server::~Server() {
  stop();
  // What was posted to the loops before may still refer to the listeners.
  std::latch passed(static_cast<std::ptrdiff_t>(parts_->listeners.size()));
  parts_->on_each([&passed](LoopListener&) { passed.count_down(); });
  passed.wait();
}

base::Result<void> Server::start() {
  auto listening = parts_->listen();
  if (!listening) parts_->listeners.clear();
  return listening;
}

std::uint16_t Server::port() const { return parts_->endpoint.port(); }
std::string Server::address() const {
  const std::string host = parts_->endpoint.address().to_string();
  return (host.contains(':') ? "[" + host + "]" : host) + ":" + std::to_string(port());
}
bool Server::secure() const { return !parts_->settings.tls_certificate.empty(); }

base::Result<void> Server::reload_certificate() {
  CAPROCK_TRY(const TlsContext tls, parts_->certificate());
  if (tls) parts_->on_each([tls](LoopListener& listener) { listener.use_certificate(tls); });
  return {};
}

void Server::drain() { parts_->drain(parts_->settings.drain_grace); }
bool Server::draining() const { return parts_->draining; }
void Server::stop() { parts_->drain(std::chrono::milliseconds(0)); }

}  // namespace caprock::server
