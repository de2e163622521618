#include "stores/text/embedded/bit_packing.h"

#include <bit>
#include <cstring>
#include <utility>

namespace caprock::stores::text {
namespace {

/// One loop a width, so that the compiler sees constant shifts. 32 values of B bits fill B words exactly.
template <unsigned B>
void unpack_width(const char* bytes, Block& values) {
  if constexpr (B == 0) {
    values.fill(0);
  } else if constexpr (B == 32) {
    std::memcpy(values.data(), bytes, sizeof(Block));
  } else {
    constexpr std::uint32_t kMask = (1U << B) - 1;
    for (std::size_t group = 0; group < kBlockSize / 32; ++group) {
      std::array<std::uint32_t, B + 1> words;
      std::memcpy(words.data(), bytes + group * B * 4, B * 4);
      words[B] = 0;
      for (unsigned i = 0; i < 32; ++i) {
        const unsigned bit = i * B;
        const std::uint64_t pair = words[bit / 32] | (static_cast<std::uint64_t>(words[bit / 32 + 1]) << 32);
        values[group * 32 + i] = static_cast<std::uint32_t>(pair >> (bit % 32)) & kMask;
      }
    }
  }
}

using Unpack = void (*)(const char*, Block&);
template <std::size_t... B>
constexpr std::array<Unpack, sizeof...(B)> unpack_table(std::index_sequence<B...>) {
  return {&unpack_width<static_cast<unsigned>(B)>...};
}
constexpr auto kUnpack = unpack_table(std::make_index_sequence<33>());

}  // namespace

unsigned bits_needed(const Block& values) {
  std::uint32_t all = 0;
  for (const std::uint32_t value : values) all |= value;
  return static_cast<unsigned>(std::bit_width(all));
}

void pack_block(const Block& values, unsigned bits, std::string& out) {
  std::uint64_t pending = 0;
  unsigned filled = 0;
  for (const std::uint32_t value : values) {
    pending |= static_cast<std::uint64_t>(value) << filled;
    filled += bits;
    for (; filled >= 8; filled -= 8, pending >>= 8) out.push_back(static_cast<char>(pending));
  }
}

void unpack_block(const char* bytes, unsigned bits, Block& values) { kUnpack[bits](bytes, values); }

}  // namespace caprock::stores::text
