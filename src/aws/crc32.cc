#include "aws/crc32.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace caprock::aws {
namespace {

using Tables = std::array<std::array<std::uint32_t, 256>, 8>;

/// tables[k][b]: what byte b does to the CRC k bytes further on.
constexpr Tables make_tables() {
  Tables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1U) != 0 ? 0xEDB88320U : 0U);
    tables[0][byte] = value;
  }
  for (std::size_t k = 1; k < 8; ++k)
    for (std::size_t byte = 0; byte < 256; ++byte)
      tables[k][byte] = (tables[k - 1][byte] >> 8) ^ tables[0][tables[k - 1][byte] & 0xFF];
  return tables;
}

constexpr Tables kTables = make_tables();

std::uint64_t load_little(const char* at) {
  std::uint64_t value = 0;
  std::memcpy(&value, at, sizeof(value));
  if constexpr (std::endian::native == std::endian::big) value = __builtin_bswap64(value);
  return value;
}

/// Eight bytes a step. `crc` is inverted already, as in the algorithm's register.
std::uint32_t update_by_tables(std::string_view bytes, std::uint32_t crc) {
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, at += 8) {
    const std::uint64_t word = load_little(at) ^ crc;
    crc = kTables[7][word & 0xFF] ^ kTables[6][(word >> 8) & 0xFF] ^ kTables[5][(word >> 16) & 0xFF] ^
          kTables[4][(word >> 24) & 0xFF] ^ kTables[3][(word >> 32) & 0xFF] ^
          kTables[2][(word >> 40) & 0xFF] ^ kTables[1][(word >> 48) & 0xFF] ^ kTables[0][word >> 56];
  }
  for (; left > 0; --left, ++at)
    crc = (crc >> 8) ^ kTables[0][(crc ^ static_cast<unsigned char>(*at)) & 0xFF];
  return crc;
}

#if defined(__x86_64__)

// Gopal and others, "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction", Intel 2009:
// 512 bits are folded forward at a time, then 128, then reduced to 32 by Barrett. The constants are powers of
// x modulo the polynomial, bit-reflected, of its page 16 (x^(512+64), x^512, x^(128+64), x^128, x^64, and P
// with its µ).
constexpr long long kBy512Low = 0x0154442bd4, kBy512High = 0x01c6e41596;
constexpr long long kBy128Low = 0x01751997d0, kBy128High = 0x00ccaa009e;
constexpr long long kBy64 = 0x0163cd6124;
constexpr long long kPolynomial = 0x01db710641, kMu = 0x01f7011641;

#define CAPROCK_CLMUL __attribute__((target("pclmul,sse4.1")))

CAPROCK_CLMUL inline __m128i load(const char* at) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}

/// `x` moved forward by what `k` stands for, with what is there.
CAPROCK_CLMUL inline __m128i fold(__m128i x, __m128i k, __m128i there) {
  const __m128i low = _mm_clmulepi64_si128(x, k, 0x00);
  const __m128i high = _mm_clmulepi64_si128(x, k, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), there);
}

CAPROCK_CLMUL std::uint32_t reduce(__m128i x) {
  const __m128i mask = _mm_setr_epi32(~0, 0, ~0, 0);
  const __m128i by128 = _mm_set_epi64x(kBy128High, kBy128Low);
  x = _mm_xor_si128(_mm_srli_si128(x, 8), _mm_clmulepi64_si128(x, by128, 0x10));
  const __m128i folded = _mm_clmulepi64_si128(_mm_and_si128(x, mask), _mm_set_epi64x(0, kBy64), 0x00);
  x = _mm_xor_si128(_mm_srli_si128(x, 4), folded);
  const __m128i barrett = _mm_set_epi64x(kMu, kPolynomial);
  __m128i quotient = _mm_clmulepi64_si128(_mm_and_si128(x, mask), barrett, 0x10);
  quotient = _mm_clmulepi64_si128(_mm_and_si128(quotient, mask), barrett, 0x00);
  return static_cast<std::uint32_t>(_mm_extract_epi32(_mm_xor_si128(x, quotient), 1));
}

/// At least 64 bytes, a multiple of 16.
CAPROCK_CLMUL std::uint32_t update_by_folding(std::string_view bytes, std::uint32_t crc) {
  const char* at = bytes.data();
  std::size_t left = bytes.size() - 64;
  __m128i a = _mm_xor_si128(load(at), _mm_cvtsi32_si128(static_cast<int>(crc)));
  __m128i b = load(at + 16);
  __m128i c = load(at + 32);
  __m128i d = load(at + 48);
  at += 64;
  const __m128i by512 = _mm_set_epi64x(kBy512High, kBy512Low);
  for (; left >= 64; left -= 64, at += 64) {
    a = fold(a, by512, load(at));
    b = fold(b, by512, load(at + 16));
    c = fold(c, by512, load(at + 32));
    d = fold(d, by512, load(at + 48));
  }
  const __m128i by128 = _mm_set_epi64x(kBy128High, kBy128Low);
  a = fold(fold(fold(a, by128, b), by128, c), by128, d);
  for (; left >= 16; left -= 16, at += 16) a = fold(a, by128, load(at));
  return reduce(a);
}

bool can_fold() {
  static const bool kCan = __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
  return kCan;
}

#endif

}  // namespace

std::uint32_t crc32_by_tables(std::string_view bytes, std::uint32_t before) {
  return ~update_by_tables(bytes, ~before);
}

std::uint32_t crc32(std::string_view bytes, std::uint32_t before) {
#if defined(__x86_64__)
  if (bytes.size() >= 64 && can_fold()) {
    const std::size_t whole = bytes.size() & ~std::size_t{15};
    return ~update_by_tables(bytes.substr(whole), update_by_folding(bytes.substr(0, whole), ~before));
  }
#endif
  return crc32_by_tables(bytes, before);
}

}  // namespace caprock::aws
