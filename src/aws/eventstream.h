#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

/// `application/vnd.amazon.eventstream`, both ways.
/// https://smithy.io/2.0/aws/amazon-eventstream.html
namespace caprock::aws {

inline constexpr std::size_t kMaxEventHeaders = std::size_t{128} << 10;  ///< bytes, of one message
inline constexpr std::size_t kMaxEventPayload = std::size_t{24} << 20;   ///< bytes, of one message

struct EventBytes {
  std::string_view bytes;
  bool operator==(const EventBytes&) const = default;
};
using EventTimestamp = std::chrono::sys_time<std::chrono::milliseconds>;
using EventUuid = std::array<std::uint8_t, 16>;
/// All ten types of the wire, true and false being one here.
using EventHeaderValue = std::variant<bool, std::int8_t, std::int16_t, std::int32_t, std::int64_t, EventBytes,
                                      std::string_view, EventTimestamp, EventUuid>;
struct EventHeader {
  std::string_view name;  ///< 1 to 255 bytes
  EventHeaderValue value;
  bool operator==(const EventHeader&) const = default;
};

/// A message as it stands in the bytes that were decoded: everything here is a view of them or of the
/// decoder.
struct EventMessage {
  std::span<const EventHeader> headers;
  std::string_view payload;
  std::size_t size = 0;  ///< of the whole frame

  /// The string value of a header; empty when it is missing or of another type.
  std::string_view text(std::string_view name) const;
  /// "event", "exception" or "error".
  std::string_view message_type() const { return text(":message-type"); }
};

/// Nothing is wrong; there must be at least `total` bytes before another look can tell more.
struct NeedMore {
  std::size_t total = 0;
};

enum class EventStreamFault : std::uint8_t {
  kPreludeChecksum,  ///< the first twelve bytes do not belong together
  kLengths,          ///< the total length is smaller than what it must hold
  kHeadersTooLarge,  ///< above kMaxEventHeaders
  kPayloadTooLarge,  ///< above kMaxEventPayload
  kMessageChecksum,  ///< a byte of the message changed on the way
  kHeaderCut,        ///< a header goes beyond the header section, or has no name
  kHeaderType,       ///< a type that the format does not know
  kDuplicateHeader,  ///< two headers of one name
};
/// What a person reads; also the metric label. Never fails.
std::string_view describe(EventStreamFault fault);

/// Exactly one of three outcomes. After a fault the stream cannot be read on: where the next message begins
/// is unknown.
using EventOutcome = std::variant<EventMessage, NeedMore, EventStreamFault>;

/// Decodes one message at the start of `bytes`. The decoder keeps the memory of the headers from one message
/// to the next; a message is valid until the next call and as long as `bytes` is. One thread at a time.
class EventDecoder {
 public:
  EventOutcome decode(std::string_view bytes);

 private:
  std::vector<EventHeader> headers_;
};

/// Messages of a stream whose bytes come in pieces, split anywhere. Copies only what is left of a message
/// that was not complete. A message is valid until the next push. One thread at a time.
class EventStreamReader {
 public:
  void push(std::string bytes);
  /// The next message; NeedMore when the bytes are at their end; the fault again once there was one.
  EventOutcome next();
  /// Bytes of a message that has not come whole. At the end of the stream anything but 0 means that it was
  /// cut.
  std::size_t pending() const { return buffer_.size() - used_; }

 private:
  EventDecoder decoder_;
  std::string buffer_;
  std::size_t used_ = 0;
  std::size_t needed_ = 0;  ///< no look before there is so much
};

/// Appends one message. Errors, with nothing appended: kInvalidArgument for a header name or value that the
/// format has no room for, or a name twice; kPayloadTooLarge above the limits.
base::Result<void> append_message(std::string& out, std::span<const EventHeader> headers,
                                  std::string_view payload);

/// Appends `:message-type: event` with a JSON payload; `type` is "contentBlockDelta", "chunk" …
base::Result<void> append_event(std::string& out, std::string_view type, std::string_view payload);
/// Appends `:message-type: exception`; `type` is "throttlingException" …
base::Result<void> append_exception(std::string& out, std::string_view type, std::string_view payload);

}  // namespace caprock::aws
