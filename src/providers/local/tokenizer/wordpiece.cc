#include "providers/local/tokenizer/wordpiece.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>

#include "base/utf8.h"

namespace caprock::providers {
namespace {

/// A word of more code points is one unknown token, as in the reference (max_input_chars_per_word).
constexpr std::size_t kMaxWord = 100;
/// No canonical decomposition of one code point is longer (Unicode 15).
constexpr std::size_t kMaxDecomposition = 8;

enum class Role : std::uint8_t { kDropped, kSpace, kAlone, kWord };

bool is_chinese(char32_t c) {
  // The blocks of the reference, its gap at U+2B820 included.
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x2A6DF) ||
         (c >= 0x2A700 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) || (c >= 0xF900 && c <= 0xFAFF) ||
         (c >= 0x2F800 && c <= 0x2FA1F);
}

bool is_ascii_punctuation(char32_t c) {
  return (c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96) || (c >= 123 && c <= 126);
}

/// Before accents are stripped: what a code point of the text is.
Role role_in_text(char32_t c) {
  if (c == '\t' || c == '\n' || c == '\r' || c == ' ') return Role::kSpace;
  if (c == 0 || c == 0xFFFD) return Role::kDropped;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CO:
      return Role::kDropped;
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return Role::kSpace;
    default:
      return is_chinese(c) ? Role::kAlone : Role::kWord;
  }
}

/// After accents are stripped: dropped, alone (punctuation) or part of a word.
Role role_in_word(char32_t c) {
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_MN:
      return Role::kDropped;
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PI:
    case UTF8PROC_CATEGORY_PF:
    case UTF8PROC_CATEGORY_PO:
      return Role::kAlone;
    default:
      return is_ascii_punctuation(c) ? Role::kAlone : Role::kWord;
  }
}

/// Feeds code points in, gives words out. `Sink` is void(std::string_view word).
template <class Sink>
class WordSplitter {
 public:
  explicit WordSplitter(Sink sink) : sink_(std::move(sink)) {}

  void feed(char32_t c) {
    if (c < 0x80) return feed_ascii(c);
    switch (role_in_text(c)) {
      case Role::kDropped:
        return;
      case Role::kSpace:
        return flush();
      case Role::kAlone:
        flush();
        feed_decomposed(c);
        return flush();
      case Role::kWord:
        return feed_decomposed(c);
    }
  }

  void flush() {
    if (!word_.empty()) sink_(std::string_view(word_));
    word_.clear();
  }

 private:
  void feed_ascii(char32_t c) {
    if (c == ' ' || (c >= '\t' && c <= '\r' && c != '\v' && c != '\f')) return flush();
    if (c < 0x20 || c == 0x7F) return;
    if (is_ascii_punctuation(c)) return alone(c);
    word_.push_back(static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c));
  }

  void feed_decomposed(char32_t c) {
    std::array<utf8proc_int32_t, kMaxDecomposition> parts{};
    int boundary = 0;
    const auto count =
        utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c), parts.data(),
                                static_cast<utf8proc_ssize_t>(parts.size()), UTF8PROC_DECOMPOSE, &boundary);
    if (count < 0 || static_cast<std::size_t>(count) > parts.size()) return add(c);
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) add(static_cast<char32_t>(parts[i]));
  }

  void add(char32_t c) {
    switch (role_in_word(c)) {
      case Role::kDropped:
        return;
      case Role::kAlone:
        return alone(c);
      default:
        base::append_utf8(word_, static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c))));
    }
  }

  void alone(char32_t c) {
    flush();
    base::append_utf8(word_, c);
    flush();
  }

  Sink sink_;
  std::string word_;
};

base::Error no_mark(std::string_view mark) {
  return base::invalid_argument("vocab.txt", "the vocabulary has no " + std::string(mark));
}

}  // namespace

base::Result<std::unique_ptr<WordPiece>> WordPiece::make(std::string vocabulary) {
  std::unique_ptr<WordPiece> made(new WordPiece);
  made->text_ = std::move(vocabulary);
  std::string_view rest = made->text_;
  for (std::int32_t id = 0; !rest.empty(); ++id) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view piece = rest.substr(0, end);
    if (piece.ends_with('\r')) piece.remove_suffix(1);
    made->pieces_.emplace(piece, id);
    made->longest_ = std::max(made->longest_, piece.size());
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  const auto mark = [&made](std::string_view name, std::int32_t& id) {
    const auto found = made->pieces_.find(name);
    if (found == made->pieces_.end()) return false;
    id = found->second;
    return true;
  };
  if (!mark("[CLS]", made->cls_)) return base::failure(no_mark("[CLS]"));
  if (!mark("[SEP]", made->sep_)) return base::failure(no_mark("[SEP]"));
  if (!mark("[UNK]", made->unknown_)) return base::failure(no_mark("[UNK]"));
  if (!mark("[PAD]", made->pad_)) return base::failure(no_mark("[PAD]"));
  return made;
}

void WordPiece::add_word(std::string_view word, std::size_t limit, std::vector<std::int32_t>& ids) const {
  const std::size_t before = ids.size();
  if (base::count_code_points(word) > kMaxWord) return ids.push_back(unknown_);
  std::string piece;
  for (std::size_t begin = 0; begin < word.size();) {
    piece.assign(begin == 0 ? "" : "##");
    const std::size_t prefix = piece.size();
    piece.append(word.substr(begin, longest_));
    auto found = pieces_.end();
    while (piece.size() > prefix && (found = pieces_.find(piece)) == pieces_.end()) piece.pop_back();
    if (found == pieces_.end()) {
      // One part that is not known makes the whole word unknown.
      ids.resize(before);
      return ids.push_back(unknown_);
    }
    begin += piece.size() - prefix;
    ids.push_back(found->second);
  }
  if (ids.size() > limit) ids.resize(limit);
}

std::vector<std::int32_t> WordPiece::encode(std::string_view text, std::size_t max_tokens) const {
  const std::size_t limit = std::max(max_tokens, kMarks) - 1;  // leaves room for [SEP]
  std::vector<std::int32_t> ids{cls_};
  WordSplitter split([&](std::string_view word) {
    if (ids.size() < limit) add_word(word, limit, ids);
  });
  for (std::size_t at = 0; at < text.size() && ids.size() < limit;)
    split.feed(base::next_code_point(text, at));
  split.flush();
  ids.push_back(sep_);
  return ids;
}

}  // namespace caprock::providers
