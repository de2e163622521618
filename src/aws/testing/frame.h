#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "aws/crc32.h"

namespace caprock::aws::testing {

inline std::string big_endian(std::size_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}

/// A frame of any header section, also a wrong one, with right lengths and checksums.
inline std::string frame(std::string_view headers, std::string_view payload) {
  std::string out = big_endian(16 + headers.size() + payload.size()) + big_endian(headers.size());
  out += big_endian(crc32(out));
  out.append(headers).append(payload);
  return out + big_endian(crc32(out));
}

}  // namespace caprock::aws::testing
