#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <list>
#include <memory>

#include "base/metrics.h"
#include "server/connection.h"
#include "server/dispatch.h"
#include "server/http2_connection.h"
#include "server/settings.h"
#include "server/tls.h"

namespace caprock::server {

/// What the listeners of all loops share.
struct ListenerShared {
  const Settings& settings;
  Dispatcher& dispatcher;
  base::Gauge& connections;
  Http2Metrics& http2_metrics;
  std::atomic<std::int64_t> open{0};  ///< connections, for max_connections
};

/// The acceptor and the connections of one loop. All calls on that loop but for the constructor.
class LoopListener {
 public:
  LoopListener(ListenerShared& shared, boost::asio::ip::tcp::acceptor acceptor, TlsContext tls);
  ~LoopListener();

  void start();
  void use_certificate(TlsContext tls) { tls_ = std::move(tls); }
  /// Takes no more connections and ends idle ones. `done` is called when the last has ended; then nothing of
  /// this runs any more.
  void drain(std::function<void()> done);
  void stop_requests(StopCause cause);
  void abort_connections();

 private:
  base::Awaitable<void> accept();
  base::Awaitable<void> tick();
  void admit(boost::asio::ip::tcp::socket socket);
  void accept_backlog();
  void finished();

  ListenerShared& shared_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer ticker_;
  TlsContext tls_;
  std::list<std::unique_ptr<Connection>> connections_;
  int running_ = 0;  ///< coroutines of ours: accept, tick, and one a connection
  int refusing_ = 0;
  bool draining_ = false;
  std::function<void()> done_;
};

}  // namespace caprock::server
