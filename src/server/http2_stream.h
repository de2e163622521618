#pragma once

#include <cstdint>
#include <string>

#include "server/http2_head.h"

namespace caprock::server {

/// One request and its answer as they stand between the session, which knows frames, and the exchange, which
/// does not. Both are on the connection's loop.
struct Http2Stream {
  explicit Http2Stream(std::int32_t number) : id(number) {}

  const std::int32_t id;

  // From the client.
  Http2Head head;
  bool head_done = false;
  std::size_t trailers = 0;    ///< their size; they tell us nothing
  std::string body;            ///< not read yet: never more than the stream's window
  std::uint64_t received = 0;  ///< body bytes in all
  bool body_ended = false;

  // To the client.
  bool answer_begun = false;
  std::string pending;         ///< bytes of the answer
  std::size_t sent = 0;        ///< of `pending`
  std::uint64_t answered = 0;  ///< body bytes made into frames in all
  bool answer_ended = false;   ///< nothing is added to `pending` any more
  bool answer_sent = false;    ///< all of it has been made into frames

  bool closed = false;   ///< no frame of it comes or goes any more
  bool dropped = false;  ///< by us, so not the client's fault

  std::size_t unsent() const { return pending.size() - sent; }
  void forget_sent() {
    if (unsent() == 0 && pending.capacity() > 4096)
      pending = std::string();  // a large piece is not kept for the small ones after it
    else
      pending.erase(0, sent);
    sent = 0;
  }
};

}  // namespace caprock::server
