#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "aws/eventstream.h"

namespace caprock::aws {

/// Follows an event stream that passes through: where its messages end, by their lengths alone. Nothing is
/// decoded but the preludes, nothing copied but a message that is split between pieces. One thread at a time.
class EventFrames {
 public:
  /// Messages larger than this are counted, but not kept for last().
  static constexpr std::size_t kKeep = std::size_t{1} << 20;

  /// The next bytes of the stream, split anywhere.
  void push(std::string_view bytes);
  /// Every message that began has come whole, so that another one may follow. False for ever after a fault.
  bool between() const { return have_ == 0 && !fault_; }
  /// How many of the bytes so far belong to a message that is not whole, or come after a fault.
  std::size_t open() const { return have_; }
  /// A prelude was wrong: where messages begin is not known from there on.
  std::optional<EventStreamFault> fault() const { return fault_; }
  /// The bytes of the last message that the last push made whole; empty when it made none whole, or that one
  /// was too large. Valid until the next push and as long as the pushed bytes are.
  std::string_view last() const { return last_; }

 private:
  std::size_t length_of(std::string_view prelude);
  void begin(std::string_view bytes, std::size_t total);
  std::size_t go_on(std::string_view bytes);

  EventDecoder decoder_;
  std::string partial_;    ///< what there is of the message at hand
  std::string finished_;   ///< the last one that was split
  std::size_t have_ = 0;   ///< bytes of the message at hand
  std::size_t total_ = 0;  ///< its length; 0: its prelude is not complete
  std::string_view last_;
  std::optional<EventStreamFault> fault_;
};

}  // namespace caprock::aws
