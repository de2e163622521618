#pragma once

#include "base/awaitable.h"
#include "base/clock.h"
#include "server/stop.h"

namespace caprock::server {

/// One accepted connection, whatever it speaks. All calls on its loop.
class Connection {
 public:
  virtual ~Connection() = default;
  /// Serves until the connection has ended.
  virtual base::Awaitable<void> run() = 0;
  /// Compares time-outs; called a few times a second.
  virtual void tick(base::MonoTime now) = 0;
  /// No further requests: ends now when idle, else after the running one.
  virtual void drain() = 0;
  /// Ends the running request early; it may still tell its client why.
  virtual void stop(StopCause cause) = 0;
  /// Closes the socket under whatever runs.
  virtual void abort() = 0;
};

}  // namespace caprock::server
