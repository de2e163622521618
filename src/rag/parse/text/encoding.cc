#include "rag/parse/text/encoding.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/ucnv.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <cstring>
#include <optional>

#include "base/utf8.h"

namespace caprock::rag {
namespace {

constexpr std::size_t kSample = 64UL << 10;  ///< bytes that guesses look at

bool is_high(char c) { return (static_cast<unsigned char>(c) & 0x80U) != 0; }

bool is_odd_control(char c) {
  const auto u = static_cast<unsigned char>(c);
  return u < 0x20 && c != '\n' && c != '\t' && c != '\r' && c != '\f' && c != '\v' && c != '\b' && u != 0x1B;
}

std::string decode_utf16(std::string_view bytes, bool little) {
  const auto unit_at = [&](std::size_t i) {
    const auto a = static_cast<unsigned char>(bytes[i]);
    const auto b = static_cast<unsigned char>(bytes[i + 1]);
    return static_cast<char32_t>(little ? a | (b << 8U) : b | (a << 8U));
  };
  std::string out;
  out.reserve(bytes.size());
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    char32_t unit = unit_at(i);
    if (unit >= 0xD800 && unit < 0xDC00 && i + 3 < bytes.size()) {
      const char32_t low = unit_at(i + 2);
      if (low >= 0xDC00 && low < 0xE000) {
        unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
        i += 2;
      }
    }
    base::append_utf8(out, unit >= 0xD800 && unit < 0xE000 ? U'\uFFFD' : unit);
  }
  return out;
}

// Text of one of the common scripts, for UTF-16 without zero bytes (Chinese, Japanese, Korean, Cyrillic …).
bool is_common_unit(unsigned unit) {
  return (unit >= 0x20 && unit < 0x7F) || (unit >= 0xA0 && unit < 0x250) || unit == '\n' || unit == '\r' ||
         unit == '\t' || (unit >= 0x370 && unit < 0x700) || (unit >= 0x900 && unit < 0xE80) ||
         (unit >= 0x2010 && unit < 0x2030) || (unit >= 0x3000 && unit < 0x3100) ||
         (unit >= 0x4E00 && unit < 0xA000) || (unit >= 0xAC00 && unit < 0xD7A4) ||
         (unit >= 0xFF00 && unit < 0xFFF0);
}

enum class Utf16 : std::uint8_t { kNo, kLittle, kBig };

// UTF-16 without a byte order mark: Latin text has its zero bytes on one side; others have units of common
// scripts.
Utf16 guess_utf16(std::string_view bytes) {
  const std::string_view sample = bytes.substr(0, kSample);
  const std::size_t units = sample.size() / 2;
  if (units < 2 || bytes.size() % 2 != 0) return Utf16::kNo;
  std::array<std::size_t, 2> zeros{};
  std::array<std::size_t, 2> common{};
  for (std::size_t i = 0; i + 1 < sample.size(); i += 2) {
    const auto a = static_cast<unsigned char>(sample[i]);
    const auto b = static_cast<unsigned char>(sample[i + 1]);
    zeros[0] += a == 0;
    zeros[1] += b == 0;
    common[0] += is_common_unit(a | (b << 8U));
    common[1] += is_common_unit(b | (a << 8U));
  }
  const auto is_latin = [&](std::size_t high, std::size_t low, std::size_t plausible) {
    return high * 10 >= units * 4 && low * 8 <= high && plausible * 10 >= units * 8;
  };
  if (is_latin(zeros[1], zeros[0], common[0])) return Utf16::kLittle;
  if (is_latin(zeros[0], zeros[1], common[1])) return Utf16::kBig;
  if (base::is_valid_utf8(bytes) || units < 8) return Utf16::kNo;
  if (common[0] * 20 >= units * 19) return Utf16::kLittle;
  if (common[1] * 20 >= units * 19) return Utf16::kBig;
  return Utf16::kNo;
}

// UTF-8 with a few broken bytes (a cut multibyte character, one pasted line) rather than another encoding.
bool is_nearly_utf8(std::string_view bytes) {
  std::size_t good = 0;
  std::size_t bad = 0;
  const std::string_view sample = bytes.substr(0, kSample);
  for (std::size_t i = 0; i < sample.size();) {
    if (!is_high(sample[i])) {
      ++i;
      continue;
    }
    const std::size_t before = i;
    base::next_code_point(sample, i);
    if (i - before > 1)
      ++good;
    else
      ++bad;
  }
  return good > 0 && bad * 20 <= good;
}

std::optional<std::string> convert_with_icu(std::string_view bytes, std::string_view charset) {
  if (charset.empty() || charset.size() > 40) return std::nullopt;
  UErrorCode status = U_ZERO_ERROR;
  UConverter* converter = ucnv_open(std::string(charset).c_str(), &status);
  if (U_FAILURE(status)) return std::nullopt;
  std::string out(bytes.size() * 3 + 16, '\0');
  const std::int32_t size =
      ucnv_toAlgorithmic(UCNV_UTF8, converter, out.data(), static_cast<std::int32_t>(out.size()),
                         bytes.data(), static_cast<std::int32_t>(bytes.size()), &status);
  ucnv_close(converter);
  if (U_FAILURE(status) || size < 0) return std::nullopt;
  out.resize(static_cast<std::size_t>(size));
  return out;
}

// Windows-1252, 0x80–0x9F; https://encoding.spec.whatwg.org/index-windows-1252.txt
constexpr std::array<char16_t, 32> kWindows1252{
    0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178};

std::string decode_windows_1252(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 4);
  for (const char c : bytes) {
    const auto u = static_cast<unsigned char>(c);
    base::append_utf8(out, u >= 0x80 && u < 0xA0 ? kWindows1252[u - 0x80U] : u);
  }
  return out;
}

// What a code point becomes in normalized text; nullptr: itself.
const char* replacement_of(char32_t c) {
  switch (c) {
    case 0x00A0:
    case 0x2007:
    case 0x202F:
      return " ";
    case 0x00AD:
    case 0x200B:
    case 0x2060:
    case 0xFEFF:
      return "";
    case 0x0085:
    case 0x2028:
      return "\n";
    case 0x2029:
      return "\n\n";
    case 0xFB00:
      return "ff";
    case 0xFB01:
      return "fi";
    case 0xFB02:
      return "fl";
    case 0xFB03:
      return "ffi";
    case 0xFB04:
      return "ffl";
    case 0xFB05:
    case 0xFB06:
      return "st";
    default:
      return c >= 0x80 && c < 0xA0 ? "" : nullptr;
  }
}

std::string replace_odd_characters(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    if (!is_high(text[i])) {
      out += text[i++];
      continue;
    }
    const std::size_t before = i;
    const char32_t c = base::next_code_point(text, i);
    if (const char* other = replacement_of(c))
      out += other;
    else if (c == 0xFFFD)
      out += "\xEF\xBF\xBD";
    else
      out += text.substr(before, i - before);
  }
  return out;
}

std::string to_nfc(std::string text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(status);
  if (U_FAILURE(status) || nfc->isNormalizedUTF8(text, status)) return text;
  std::string out;
  icu::StringByteSink<std::string> sink(&out);
  status = U_ZERO_ERROR;
  nfc->normalizeUTF8(0, text, sink, nullptr, status);
  return U_FAILURE(status) ? text : out;
}

std::string fix_controls(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\r') {
      out += '\n';
      if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
    } else if (c == '\v') {
      out += '\n';
    } else if ((static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) || c == '\n' || c == '\t' || c == '\f') {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::string charset_of(std::string_view content_type) {
  std::string lower(content_type);
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const std::size_t at = lower.find("charset=");
  if (at == std::string::npos) return {};
  std::string value = lower.substr(at + 8);
  std::erase_if(value, [](char c) { return c == '"' || c == '\'' || c == ' '; });
  return value.substr(0, value.find(';'));
}

bool looks_binary(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) return false;
  const std::string_view sample = bytes.substr(0, kSample);
  const auto odd = static_cast<std::size_t>(std::ranges::count_if(sample, is_odd_control));
  const auto nul = static_cast<std::size_t>(std::ranges::count(sample, '\0'));
  if (nul * 100 <= sample.size() && (odd - nul) * 50 <= sample.size()) return false;
  return guess_utf16(bytes) == Utf16::kNo;
}

std::string decode_text(std::string_view bytes, std::string_view charset) {
  if (bytes.starts_with("\xEF\xBB\xBF")) return base::repair_utf8(bytes.substr(3));
  if (bytes.starts_with("\xFF\xFE")) return decode_utf16(bytes.substr(2), true);
  if (bytes.starts_with("\xFE\xFF")) return decode_utf16(bytes.substr(2), false);
  if (const Utf16 kind = guess_utf16(bytes); kind != Utf16::kNo)
    return decode_utf16(bytes, kind == Utf16::kLittle);
  if (base::is_valid_utf8(bytes)) return std::string(bytes);
  if (is_nearly_utf8(bytes)) return base::repair_utf8(bytes);
  if (auto converted = convert_with_icu(bytes, charset)) return *std::move(converted);
  return decode_windows_1252(bytes);
}

std::string normalize_text(std::string text) {
  const bool high = std::ranges::any_of(text, is_high);
  if (high) text = to_nfc(replace_odd_characters(text));
  const bool controls = std::ranges::any_of(text, [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7F;
  });
  return controls ? fix_controls(text) : text;
}

}  // namespace caprock::rag
