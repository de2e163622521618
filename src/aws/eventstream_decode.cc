#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <utility>

#include "aws/crc32.h"
#include "aws/eventstream.h"

namespace caprock::aws {
namespace {

constexpr std::size_t kPrelude = 12;  ///< total length, headers' length, CRC of these two
constexpr std::size_t kTrailer = 4;   ///< CRC of everything before it

template <class T>
T load_big(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof(value));
  return std::endian::native == std::endian::little ? std::byteswap(value) : value;
}

/// Takes bytes off the front of a header section; `failed` from the first that is not there.
class HeaderBytes {
 public:
  explicit HeaderBytes(std::string_view bytes) : rest_(bytes) {}
  bool empty() const { return rest_.empty(); }
  bool failed() const { return failed_; }

  std::string_view take(std::size_t count) {
    if (count > rest_.size()) {
      failed_ = true;
      rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  template <class T>
  T number() {
    const std::string_view bytes = take(sizeof(T));
    return failed_ ? T{} : load_big<T>(bytes.data());
  }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

/// Nothing for a type that the format does not know. Whether the bytes were there, `bytes` tells.
std::optional<EventHeaderValue> read_value(HeaderBytes& bytes, std::uint8_t type) {
  switch (type) {
    case 0:
      return true;
    case 1:
      return false;
    case 2:
      return bytes.number<std::int8_t>();
    case 3:
      return bytes.number<std::int16_t>();
    case 4:
      return bytes.number<std::int32_t>();
    case 5:
      return bytes.number<std::int64_t>();
    case 6:
      return EventBytes{bytes.take(bytes.number<std::uint16_t>())};
    case 7:
      return bytes.take(bytes.number<std::uint16_t>());
    case 8:
      return EventTimestamp(std::chrono::milliseconds(bytes.number<std::int64_t>()));
    case 9: {
      EventUuid uuid{};
      std::ranges::transform(bytes.take(uuid.size()), uuid.begin(),
                             [](char c) { return static_cast<std::uint8_t>(c); });
      return uuid;
    }
    default:
      return std::nullopt;
  }
}

bool has_duplicates(std::span<const EventHeader> headers) {
  constexpr std::size_t kFew = 16;  ///< up to which comparing all with all is the fastest
  if (headers.size() <= kFew) {
    for (std::size_t i = 1; i < headers.size(); ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (headers[i].name == headers[j].name) return true;
    return false;
  }
  std::vector<std::string_view> names;
  names.reserve(headers.size());
  for (const EventHeader& header : headers) names.push_back(header.name);
  std::ranges::sort(names);
  return std::ranges::adjacent_find(names) != names.end();
}

std::optional<EventStreamFault> read_headers(std::string_view section, std::vector<EventHeader>& out) {
  out.clear();
  for (HeaderBytes bytes(section); !bytes.empty();) {
    const std::string_view name = bytes.take(bytes.number<std::uint8_t>());
    const auto type = bytes.number<std::uint8_t>();
    if (bytes.failed() || name.empty()) return EventStreamFault::kHeaderCut;
    const auto value = read_value(bytes, type);
    if (!value) return EventStreamFault::kHeaderType;
    if (bytes.failed()) return EventStreamFault::kHeaderCut;
    out.push_back({name, *value});
  }
  if (has_duplicates(out)) return EventStreamFault::kDuplicateHeader;
  return std::nullopt;
}

}  // namespace

std::string_view describe(EventStreamFault fault) {
  switch (fault) {
    case EventStreamFault::kPreludeChecksum:
      return "prelude checksum mismatch";
    case EventStreamFault::kLengths:
      return "impossible lengths";
    case EventStreamFault::kHeadersTooLarge:
      return "headers too large";
    case EventStreamFault::kPayloadTooLarge:
      return "payload too large";
    case EventStreamFault::kMessageChecksum:
      return "message checksum mismatch";
    case EventStreamFault::kHeaderCut:
      return "malformed header";
    case EventStreamFault::kHeaderType:
      return "unknown header type";
    case EventStreamFault::kDuplicateHeader:
      return "duplicate header";
  }
  std::unreachable();
}

std::string_view EventMessage::text(std::string_view name) const {
  for (const EventHeader& header : headers)
    if (header.name == name) {
      const auto* value = std::get_if<std::string_view>(&header.value);
      return value != nullptr ? *value : std::string_view();
    }
  return {};
}

EventOutcome EventDecoder::decode(std::string_view bytes) {
  if (bytes.size() < kPrelude) return NeedMore{kPrelude};
  // The prelude is judged before the rest has come: garbage must not make us wait for gigabytes of it.
  const std::uint32_t prelude_crc = crc32(bytes.substr(0, 8));
  if (prelude_crc != load_big<std::uint32_t>(bytes.data() + 8)) return EventStreamFault::kPreludeChecksum;
  const std::size_t total = load_big<std::uint32_t>(bytes.data());
  const std::size_t headers_size = load_big<std::uint32_t>(bytes.data() + 4);
  if (headers_size > kMaxEventHeaders) return EventStreamFault::kHeadersTooLarge;
  if (total < kPrelude + headers_size + kTrailer) return EventStreamFault::kLengths;
  const std::size_t payload_size = total - kPrelude - headers_size - kTrailer;
  if (payload_size > kMaxEventPayload) return EventStreamFault::kPayloadTooLarge;
  if (bytes.size() < total) return NeedMore{total};

  const std::uint32_t crc = crc32(bytes.substr(8, total - kTrailer - 8), prelude_crc);
  if (crc != load_big<std::uint32_t>(bytes.data() + total - kTrailer))
    return EventStreamFault::kMessageChecksum;
  if (const auto fault = read_headers(bytes.substr(kPrelude, headers_size), headers_)) return *fault;
  return EventMessage{headers_, bytes.substr(kPrelude + headers_size, payload_size), total};
}

void EventStreamReader::push(std::string bytes) {
  if (pending() == 0) {
    buffer_ = std::move(bytes);
  } else {
    buffer_.erase(0, used_);
    buffer_ += bytes;
  }
  used_ = 0;
}

EventOutcome EventStreamReader::next() {
  if (pending() < needed_) return NeedMore{needed_};
  const EventOutcome outcome = decoder_.decode(std::string_view(buffer_).substr(used_));
  needed_ = 0;
  if (const auto* message = std::get_if<EventMessage>(&outcome)) used_ += message->size;
  if (const auto* more = std::get_if<NeedMore>(&outcome)) needed_ = more->total;
  return outcome;
}

}  // namespace caprock::aws
