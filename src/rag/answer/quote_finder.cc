#include "rag/answer/quote_finder.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/utf8.h"

namespace caprock::rag {
namespace {

constexpr std::size_t kLongestQuote = 8000;  // bytes; longer is not a quotation but the document
constexpr std::uint32_t kLargestGap = 8;     // code points of white space between two blocks

bool is_space(char32_t c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

bool is_invisible(char32_t c) {
  return c == 0xAD || (c >= 0x200B && c <= 0x200F) || c == 0x2060 || c == 0xFEFF;
}

/// The plain form of a typographic variant, or empty.
std::string_view plain_form(char32_t c) {
  switch (c) {
    case U'‘':
    case U'’':
    case U'‚':
    case U'‛':
    case U'′':
    case U'´':
    case U'ʼ':
    case '`':
      return "'";
    case U'“':
    case U'”':
    case U'„':
    case U'‟':
    case U'″':
    case U'«':
    case U'»':
      return "\"";
    case U'‐':
    case U'‑':
    case U'‒':
    case U'–':
    case U'—':
    case U'―':
    case U'−':
      return "-";
    case U'…':
      return "...";
    case U'ﬀ':
      return "ff";
    case U'ﬁ':
      return "fi";
    case U'ﬂ':
      return "fl";
    case U'ﬃ':
      return "ffi";
    case U'ﬄ':
      return "ffl";
    case U'ﬅ':
    case U'ﬆ':
      return "st";
    default:
      return {};
  }
}

void append_decomposed(std::string& out, char32_t c) {
  std::array<utf8proc_int32_t, 8> parts{};
  int boundary = 0;
  const auto count =
      utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c), parts.data(),
                              static_cast<utf8proc_ssize_t>(parts.size()), UTF8PROC_DECOMPOSE, &boundary);
  if (count <= 0 || count > static_cast<utf8proc_ssize_t>(parts.size())) return base::append_utf8(out, c);
  for (utf8proc_ssize_t i = 0; i < count; ++i) {
    base::append_utf8(out, static_cast<char32_t>(parts.at(static_cast<std::size_t>(i))));
  }
}

/// A text in comparable form, with the way back.
struct Comparable {
  std::string text;
  std::vector<ByteSpan> origin;  ///< of every byte of `text`: the code point it came from
};

void append_comparable(std::string& out, char32_t c) {
  if (is_space(c)) {
    if (!out.empty() && out.back() != ' ') out += ' ';
  } else if (c < 0x80 && c != '`') {
    out += static_cast<char>(c);
  } else if (const auto plain = plain_form(c); !plain.empty()) {
    out += plain;
  } else if (!is_invisible(c)) {
    append_decomposed(out, c);
  }
}

Comparable comparable(std::string_view text) {
  Comparable out;
  out.text.reserve(text.size());
  out.origin.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    append_comparable(out.text, base::next_code_point(text, at));
    out.origin.resize(out.text.size(), {start, at});
  }
  return out;
}

bool wordy(char c) {
  const auto u = static_cast<unsigned char>(c);
  return (u >= '0' && u <= '9') || (u >= 'A' && u <= 'Z') || (u >= 'a' && u <= 'z');
}

bool cuts_word(std::string_view text, std::size_t at) {
  return at > 0 && at < text.size() && wordy(text[at - 1]) && wordy(text[at]);
}

std::optional<std::size_t> find_whole_words(std::string_view text, std::string_view quote) {
  for (std::size_t at = text.find(quote); at != std::string_view::npos; at = text.find(quote, at + 1)) {
    if (!cuts_word(text, at) && !cuts_word(text, at + quote.size())) return at;
  }
  return std::nullopt;
}

std::string_view strip_around(std::string_view text, std::string_view marks) {
  while (!text.empty() && marks.find(text.front()) != std::string_view::npos) text.remove_prefix(1);
  while (!text.empty() && marks.find(text.back()) != std::string_view::npos) text.remove_suffix(1);
  return text;
}

bool says_something(std::string_view quote) {
  return std::ranges::any_of(quote, [](char c) { return wordy(c) || static_cast<unsigned char>(c) >= 0x80; });
}

}  // namespace

std::optional<ByteSpan> find_quote(std::string_view source, std::string_view quote) {
  if (quote.size() > kLongestQuote) return std::nullopt;
  const Comparable text = comparable(source);
  const std::string asked = comparable(quote).text;
  // From the strictest reading to the most forgiving; none changes a word.
  for (const std::string_view marks : {" ", " \"'", " \"'.", " \"'.,;:"}) {
    const std::string_view wanted = strip_around(asked, marks);
    if (!says_something(wanted)) return std::nullopt;
    if (const auto at = find_whole_words(text.text, wanted)) {
      return ByteSpan{text.origin[*at].start, text.origin[*at + wanted.size() - 1].end};
    }
  }
  return std::nullopt;
}

SourceText join_chunks(std::span<const stores::Chunk> chunks) {
  SourceText out;
  std::uint32_t end = 0;
  for (const stores::Chunk& chunk : chunks) {
    if (out.text.empty()) {
      out = {.text = chunk.content, .start = chunk.span.start};
      end = chunk.span.end;
      continue;
    }
    if (chunk.span.start > end + kLargestGap) break;
    if (chunk.span.end <= end) continue;
    if (chunk.span.start > end) out.text.append(chunk.span.start - end, '\n');
    const std::uint32_t overlap = end > chunk.span.start ? end - chunk.span.start : 0;
    out.text += std::string_view(chunk.content).substr(base::byte_offset(chunk.content, overlap));
    end = chunk.span.end;
  }
  return out;
}

}  // namespace caprock::rag
