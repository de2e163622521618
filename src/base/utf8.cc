#include "base/utf8.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace caprock::base {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr char32_t kMalformed = 0xFFFFFFFF;

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// The code point at `offset`, or kMalformed; `offset` moves past it, or by one byte when malformed.
char32_t decode(std::string_view text, std::size_t& offset) noexcept {
  const auto lead = static_cast<unsigned char>(text[offset++]);
  if (lead < 0x80) return lead;
  const std::size_t extra = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
  if (lead < 0xC2 || lead > 0xF4 || offset + extra > text.size()) return kMalformed;
  char32_t value = lead & (0x3FU >> extra);
  for (std::size_t i = 0; i < extra; ++i) {
    if (!is_continuation(text[offset + i])) return kMalformed;
    value = (value << 6) | (static_cast<unsigned char>(text[offset + i]) & 0x3FU);
  }
  constexpr char32_t kSmallest[] = {0x80, 0x800, 0x10000};
  if (value < kSmallest[extra - 1] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
    return kMalformed;
  offset += extra;
  return value;
}

}  // namespace

bool is_valid_utf8(std::string_view text) noexcept {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  for (std::size_t i = 0; i < text.size();) {
    // Most text is ASCII for long stretches: thirty-two bytes at a look, or eight.
    std::array<std::uint64_t, 4> words{kHighBits, 0, 0, 0};
    if (i + sizeof words <= text.size()) {
      std::memcpy(words.data(), text.data() + i, sizeof words);
      if (((words[0] | words[1] | words[2] | words[3]) & kHighBits) == 0) {
        i += sizeof words;
        continue;
      }
    } else if (i + sizeof words[0] <= text.size()) {
      std::memcpy(words.data(), text.data() + i, sizeof words[0]);
    }
    if ((words[0] & kHighBits) == 0) {
      i += sizeof words[0];
    } else if (decode(text, i) == kMalformed) {
      return false;
    }
  }
  return true;
}

std::size_t count_code_points(std::string_view text) noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return !is_continuation(c); }));
}

std::size_t byte_offset(std::string_view text, std::size_t index) noexcept {
  std::size_t offset = 0;
  for (; offset < text.size(); ++offset) {
    if (is_continuation(text[offset])) continue;
    if (index-- == 0) return offset;
  }
  return text.size();
}

std::string_view slice_code_points(std::string_view text, std::size_t start, std::size_t end) noexcept {
  const std::size_t from = byte_offset(text, start);
  const std::string_view rest = text.substr(from);
  return rest.substr(0, end > start ? byte_offset(rest, end - start) : 0);
}

char32_t next_code_point(std::string_view text, std::size_t& offset) noexcept {
  const char32_t value = decode(text, offset);
  return value == kMalformed ? kReplacement : value;
}

void append_utf8(std::string& out, char32_t code_point) {
  const auto put = [&out](char32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (code_point < 0x80) return put(code_point);
  if (code_point < 0x800) {
    put(0xC0 | (code_point >> 6));
  } else if (code_point < 0x10000) {
    put(0xE0 | (code_point >> 12));
    put(0x80 | ((code_point >> 6) & 0x3F));
  } else {
    put(0xF0 | (code_point >> 18));
    put(0x80 | ((code_point >> 12) & 0x3F));
    put(0x80 | ((code_point >> 6) & 0x3F));
  }
  put(0x80 | (code_point & 0x3F));
}

std::string repair_utf8(std::string_view text) {
  if (is_valid_utf8(text)) return std::string(text);
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) append_utf8(out, next_code_point(text, i));
  return out;
}

}  // namespace caprock::base
