#include "base/base64.h"

#include <array>
#include <cstdint>

namespace caprock::base {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kForeign = 0xFF;

constexpr std::array<std::uint8_t, 256> kValues = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(kForeign);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i)
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  return values;
}();

std::uint32_t byte(std::string_view bytes, std::size_t at) {
  return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U;
}

}  // namespace

std::string base64_encode(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::uint32_t three = byte(bytes, at) << 16U | byte(bytes, at + 1) << 8U | byte(bytes, at + 2);
    text += kAlphabet[three >> 18U];
    text += kAlphabet[three >> 12U & 63U];
    text += at + 1 < bytes.size() ? kAlphabet[three >> 6U & 63U] : '=';
    text += at + 2 < bytes.size() ? kAlphabet[three & 63U] : '=';
  }
  return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && text.ends_with('=')) {
    text.remove_suffix(1);
    ++padding;
  }
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t held = 0;
  int bits = 0;
  for (const char c : text) {
    const std::uint8_t value = kValues[static_cast<unsigned char>(c)];
    if (value == kForeign) return std::nullopt;
    held = (held << 6U | value) & 0xFFFFU;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(held >> static_cast<unsigned>(bits) & 0xFFU);
  }
  // Two characters more than whole groups leave 4 bits, three leave 2; all of them must be zero.
  const bool clean = (held & ((1U << static_cast<unsigned>(bits)) - 1U)) == 0;
  const bool padded = static_cast<std::size_t>(bits) == padding * 2;
  if (!clean || !padded) return std::nullopt;
  return bytes;
}

}  // namespace caprock::base
