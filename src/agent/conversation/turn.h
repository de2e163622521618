#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include "agent/conversation/turn_events.h"
#include "base/awaitable.h"
#include "base/context.h"

namespace caprock::agent {

/// What `TurnReader::next` gives: an event, or neither event nor end when the time was up first.
struct TurnStep {
  std::shared_ptr<const TurnEvent> event;
  std::uint64_t id = 0;  ///< from 1, without gaps
  bool ended = false;
};

/// The events of one running or finished turn, kept so that a reader can come later or come back. Bounded:
/// past `max_bytes` the writer waits for a reader that is behind; without any reader the oldest events fall
/// out. A turn whose last reader has gone is stopped after `detached_for`. Thread safe; shared by the service
/// that runs it and the readers, whichever goes last.
class Turn {
 public:
  struct Settings {
    std::size_t max_bytes = 1 << 20;
    std::chrono::milliseconds detached_for{60'000};
  };
  /// `executor`: where the writer runs.
  Turn(std::string id, base::Principal owner, boost::asio::any_io_executor executor, Settings settings);
  ~Turn();
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  const std::string& id() const { return id_; }
  const base::Principal& owner() const { return owner_; }

  // The writer's side, on the turn's executor.
  /// kCancelled once the turn was told to stop.
  base::Awaitable<base::Result<void>> put(TurnEvent event);
  /// The last event; readers come to their end after it. Never waits.
  void end(TurnEvent last);

  bool ended() const;
  void stop();
  std::stop_token stopped() const;

 private:
  friend class TurnReader;
  struct State;
  std::string id_;
  base::Principal owner_;
  std::shared_ptr<State> state_;
};

/// Where a reader stands.
struct TurnPlace;

/// Reads a turn from an event on. One coroutine at a time, on the executor it was made for.
class TurnReader {
 public:
  /// Begins after event `after` (0: at the start).
  TurnReader(std::shared_ptr<Turn> turn, const boost::asio::any_io_executor& executor, std::uint64_t after);
  ~TurnReader();
  TurnReader(const TurnReader&) = delete;
  TurnReader& operator=(const TurnReader&) = delete;

  /// Waits up to `timeout`. Errors: kCancelled and kDeadlineExceeded of the context (the turn goes on);
  /// kConflict when the event asked for has fallen out of the buffer.
  base::Awaitable<base::Result<TurnStep>> next(const base::RequestContext& context,
                                               std::chrono::milliseconds timeout);
  const Turn& turn() const { return *turn_; }

 private:
  std::shared_ptr<Turn> turn_;
  std::shared_ptr<TurnPlace> place_;
};

}  // namespace caprock::agent
