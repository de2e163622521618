#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace caprock::stores::text {

static_assert(std::endian::native == std::endian::little, "segments are little endian and read in place");

template <class T>
  requires std::is_trivially_copyable_v<T>
void append_raw(std::string& out, const T& value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(T));
}

/// Reads a T at byte `at`, which the caller knows to be there.
template <class T>
  requires std::is_trivially_copyable_v<T>
T load_raw(const char* bytes, std::size_t at = 0) {
  T value;
  std::memcpy(&value, bytes + at, sizeof(T));
  return value;
}

/// LEB128: 7 bits a byte, the lowest first.
inline void append_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

/// Reads a sequence of values out of bytes that may be damaged: after the first failure every read gives zero
/// or nothing, and ok() is false.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64 && at_ != end_; shift += 7) {
      const auto byte = static_cast<std::uint8_t>(*at_++);
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    return fail();
  }
  std::uint32_t varint32() {
    const std::uint64_t value = varint();
    return value <= UINT32_MAX ? static_cast<std::uint32_t>(value) : static_cast<std::uint32_t>(fail());
  }
  std::string_view bytes(std::uint64_t count) {
    if (count > static_cast<std::uint64_t>(end_ - at_)) return fail(), std::string_view();
    const std::string_view taken(at_, count);
    at_ += count;
    return taken;
  }
  std::string_view string() { return bytes(varint()); }
  template <class T>
  T raw() {
    const std::string_view taken = bytes(sizeof(T));
    return taken.empty() ? T{} : load_raw<T>(taken.data());
  }

  bool ok() const { return ok_; }
  bool at_end() const { return at_ == end_; }
  const char* position() const { return at_; }

 private:
  std::uint64_t fail() {
    ok_ = false;
    at_ = end_;
    return 0;
  }
  const char* at_;
  const char* end_;
  bool ok_ = true;
};

inline void append_string(std::string& out, std::string_view value) {
  append_varint(out, value.size());
  out += value;
}

}  // namespace caprock::stores::text
