#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace caprock::stores::text {

inline constexpr std::size_t kBlockSize = 128;
using Block = std::array<std::uint32_t, kBlockSize>;

/// The bits that the largest value needs, 0–32.
unsigned bits_needed(const Block& values);
/// The bytes that a packed block of `bits` wide values takes.
constexpr std::size_t packed_size(unsigned bits) { return bits * kBlockSize / 8; }
/// Appends the values, `bits` wide each, the first in the lowest bits.
void pack_block(const Block& values, unsigned bits, std::string& out);
/// Reads packed_size(bits) bytes; `bits` ≤ 32.
void unpack_block(const char* bytes, unsigned bits, Block& values);

}  // namespace caprock::stores::text
