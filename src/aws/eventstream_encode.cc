#include <bit>
#include <cstring>
#include <string>

#include "aws/crc32.h"
#include "aws/eventstream.h"

namespace caprock::aws {
namespace {

constexpr std::size_t kMaxName = 255;
constexpr std::size_t kMaxValue = 65535;

template <class T>
void append_big(std::string& out, T value) {
  if constexpr (std::endian::native == std::endian::little) value = std::byteswap(value);
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  out.append(bytes, sizeof(T));
}

void write_big(char* at, std::uint32_t value) {
  if constexpr (std::endian::native == std::endian::little) value = std::byteswap(value);
  std::memcpy(at, &value, sizeof(value));
}

/// Appends type and value.
struct ValueWriter {
  std::string& out;

  void type(std::uint8_t number) { out.push_back(static_cast<char>(number)); }
  void sized(std::uint8_t number, std::string_view bytes) {
    type(number);
    append_big(out, static_cast<std::uint16_t>(bytes.size()));
    out += bytes;
  }
  void operator()(bool value) { type(value ? 0 : 1); }
  void operator()(std::int8_t value) { type(2), append_big(out, value); }
  void operator()(std::int16_t value) { type(3), append_big(out, value); }
  void operator()(std::int32_t value) { type(4), append_big(out, value); }
  void operator()(std::int64_t value) { type(5), append_big(out, value); }
  void operator()(const EventBytes& value) { sized(6, value.bytes); }
  void operator()(std::string_view value) { sized(7, value); }
  void operator()(EventTimestamp value) {
    type(8), append_big(out, static_cast<std::int64_t>(value.time_since_epoch().count()));
  }
  void operator()(const EventUuid& value) {
    type(9);
    out.append(reinterpret_cast<const char*>(value.data()), value.size());
  }
};

std::size_t value_length(const EventHeaderValue& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) return text->size();
  if (const auto* bytes = std::get_if<EventBytes>(&value)) return bytes->bytes.size();
  return 0;
}

base::Result<void> check(std::span<const EventHeader> headers, std::string_view payload) {
  if (payload.size() > kMaxEventPayload)
    return base::failure(base::Error(base::ErrorKind::kPayloadTooLarge, "an event holds at most 24 MiB"));
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const EventHeader& header = headers[i];
    if (header.name.empty() || header.name.size() > kMaxName || value_length(header.value) > kMaxValue)
      return base::failure(
          base::invalid_argument(std::string(header.name.substr(0, kMaxName)),
                                 "an event header has a name of 1 to 255 bytes and a value of at "
                                 "most 65,535"));
    for (std::size_t j = 0; j < i; ++j)
      if (headers[j].name == header.name)
        return base::failure(
            base::invalid_argument(std::string(header.name), "an event header stands there once"));
  }
  return {};
}

base::Result<void> append_json(std::string& out, std::string_view type_header, std::string_view type,
                               std::string_view message_type, std::string_view payload) {
  const EventHeader headers[]{{type_header, type},
                              {":content-type", std::string_view("application/json")},
                              {":message-type", message_type}};
  return append_message(out, headers, payload);
}

}  // namespace

base::Result<void> append_message(std::string& out, std::span<const EventHeader> headers,
                                  std::string_view payload) {
  CAPROCK_CHECK(check(headers, payload));
  const std::size_t begin = out.size();
  out.append(12, '\0');
  for (const EventHeader& header : headers) {
    out.push_back(static_cast<char>(header.name.size()));
    out += header.name;
    std::visit(ValueWriter{out}, header.value);
  }
  const std::size_t headers_size = out.size() - begin - 12;
  if (headers_size > kMaxEventHeaders) {
    out.resize(begin);
    return base::failure(
        base::Error(base::ErrorKind::kPayloadTooLarge, "the headers of an event hold at most 128 KiB"));
  }
  out += payload;
  write_big(out.data() + begin, static_cast<std::uint32_t>(out.size() - begin + 4));
  write_big(out.data() + begin + 4, static_cast<std::uint32_t>(headers_size));
  const std::uint32_t prelude = crc32(std::string_view(out).substr(begin, 8));
  write_big(out.data() + begin + 8, prelude);
  append_big(out, crc32(std::string_view(out).substr(begin + 8), prelude));
  return {};
}

base::Result<void> append_event(std::string& out, std::string_view type, std::string_view payload) {
  return append_json(out, ":event-type", type, "event", payload);
}

base::Result<void> append_exception(std::string& out, std::string_view type, std::string_view payload) {
  return append_json(out, ":exception-type", type, "exception", payload);
}

}  // namespace caprock::aws
