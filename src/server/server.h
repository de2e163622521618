#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "base/result.h"
#include "server/dispatch.h"
#include "server/event_loops.h"
#include "server/settings.h"

namespace caprock::server {

/// The process's door to the network: on every loop an acceptor of its own on the one address (SO_REUSEPORT),
/// and the connections that it took. The calls are for the main thread, not for a loop.
class Server {
 public:
  /// Keeps references to all of them; `settings` have passed their check().
  Server(const Settings& settings, Dispatcher& dispatcher, EventLoops& loops, base::MetricRegistry& metrics);
  /// Stops without grace.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Listens from now on. Errors: kInvalidArgument for the certificate, kUnavailable for an address in use,
  /// or that is not ours.
  base::Result<void> start();
  std::uint16_t port() const;
  std::string address() const;  ///< "127.0.0.1:8080", with the port that was picked
  bool secure() const;

  /// Reads certificate and key again, for new connections. On an error the old ones stay.
  base::Result<void> reload_certificate();

  /// Takes no more connections, ends idle ones, lets running requests finish for `drain_grace`, then tells
  /// them to stop, and closes what is left `kLastWords` later. Returns when no connection is left.
  void drain();
  bool draining() const;
  /// drain() without grace.
  void stop();

  static constexpr std::chrono::seconds kLastWords{3};

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace caprock::server
