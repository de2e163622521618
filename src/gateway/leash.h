#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>

#include "llm/chat_events.h"

namespace caprock::gateway {

/// How far a reply may go on when its reader has gone.
struct DrainLimits {
  std::uint64_t bytes = 1'000'000;
  std::chrono::milliseconds time{60'000};
};

/// Keeps the call to a model alive when its reader has gone, so that what it used becomes known: the call
/// sees `token()` instead of the reader's, which is requested when the limits are reached. Made and used on
/// the loop of the call; the reader's token may be requested anywhere.
class Leash {
 public:
  Leash(std::stop_token reader, DrainLimits limits, boost::asio::any_io_executor executor);
  ~Leash();
  Leash(const Leash&) = delete;
  Leash& operator=(const Leash&) = delete;

  std::stop_token token() const;
  bool reader_gone() const { return reader_.stop_requested(); }
  /// A reader that went away without telling: from now on the limits count.
  void begin();
  /// An event that nobody reads.
  void count(const llm::StreamEvent& event);
  boost::asio::any_io_executor executor() const;

 private:
  struct State;
  struct Begin {
    std::weak_ptr<State> state;
    void operator()() const;
  };

  const std::stop_token reader_;
  std::shared_ptr<State> state_;
  std::optional<std::stop_callback<Begin>> callback_;
};

}  // namespace caprock::gateway
