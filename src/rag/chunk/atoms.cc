#include "rag/chunk/atoms.h"

#include <algorithm>

#include "base/utf8.h"
#include "rag/chunk/chunker.h"
#include "rag/parse/text/marks.h"

namespace caprock::rag {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\f'; }

// Walks a text once, left to right, keeping the three measures in step.
class Walker {
 public:
  Walker(std::string_view text, bool tokens, Place start = {}) : text_(text), tokens_(tokens), at_(start) {}

  const Place& to_byte(std::size_t byte) {
    if (byte > at_.byte) {
      const std::string_view step = text_.substr(at_.byte, byte - at_.byte);
      at_.point += static_cast<std::uint32_t>(base::count_code_points(step));
      if (tokens_) at_.tokens += estimate_tokens(step);
      at_.byte = byte;
    }
    return at_;
  }

  const Place& to_point(std::uint32_t point) {
    if (point <= at_.point) return at_;
    return to_byte(at_.byte + base::byte_offset(text_.substr(at_.byte), point - at_.point));
  }

  const Place& at() const { return at_; }

 private:
  std::string_view text_;
  bool tokens_;
  Place at_;
};

// The end of a word that begins at `from`: white space, or any ideograph, ends it.
std::size_t word_end(std::string_view text, std::size_t from, std::size_t limit) {
  std::size_t at = from;
  while (at < limit && !is_space(text[at])) {
    const std::size_t before = at;
    if (is_cjk(base::next_code_point(text, at))) return before == from ? at : before;
  }
  return std::min(at, limit);
}

class AtomMaker {
 public:
  AtomMaker(const ParsedDocument& document, const AtomLimits& limits)
      : document_(document), limits_(limits), walker_(document.text, limits.tokens) {}

  std::vector<Atom> run() {
    for (block_ = 0; block_ < document_.blocks.size(); ++block_) {
      const Place start = walker_.to_point(document_.blocks[block_].span.start);
      const std::size_t end = end_of_block(start);
      const std::string_view text = std::string_view(document_.text).substr(start.byte, end - start.byte);
      for (const ByteSpan& sentence : split_sentences(text))
        add(start.byte + sentence.start, start.byte + sentence.end);
    }
    return std::move(atoms_);
  }

 private:
  std::size_t end_of_block(const Place& start) const {
    const stores::TextSpan& span = document_.blocks[block_].span;
    return start.byte +
           base::byte_offset(std::string_view(document_.text).substr(start.byte), span.end - span.start);
  }

  void add(std::size_t from, std::size_t to) {
    const Place start = walker_.to_byte(from);
    const Place end = walker_.to_byte(to);
    if (cost(start, end) <= limits_.most) return atoms_.push_back({start, end, block_});
    cut_at_words(start, to);
  }

  // A sentence that alone is too long: pieces of whole words; a word that alone is too long: of code points.
  void cut_at_words(const Place& start, std::size_t to) {
    Walker walker(document_.text, limits_.tokens, start);
    Place piece = start;
    Place last = start;
    for (std::size_t at = start.byte; at < to;) {
      while (at < to && is_space(document_.text[at])) ++at;
      const Place word = walker.to_byte(at);
      at = word_end(document_.text, at, to);
      const Place end = walker.to_byte(at);
      if (cost(piece, end) > limits_.piece && last.byte > piece.byte) {
        atoms_.push_back({piece, last, block_});
        piece = word;
      }
      while (cost(piece, end) > limits_.piece && limits_.piece > 0) {
        const Place cut = cut_word(piece, end);
        if (cut.byte == piece.byte || cut.byte == end.byte) break;
        atoms_.push_back({piece, cut, block_});
        piece = cut;
      }
      last = end;
    }
    if (last.byte > piece.byte) atoms_.push_back({piece, last, block_});
  }

  // As much of one long word as fits. A token is taken as four bytes: only words far beyond any language get
  // here.
  Place cut_word(const Place& from, const Place& to) const {
    const auto points = static_cast<std::size_t>(limits_.tokens ? limits_.piece * 2 : limits_.piece);
    const std::string_view word = std::string_view(document_.text).substr(from.byte, to.byte - from.byte);
    const std::size_t length = base::byte_offset(word, points);
    Place cut = from;
    cut.byte += length;
    cut.point += static_cast<std::uint32_t>(base::count_code_points(word.substr(0, length)));
    if (limits_.tokens) cut.tokens += estimate_tokens(word.substr(0, length));
    return cut;
  }

  std::int64_t cost(const Place& from, const Place& to) const {
    return limits_.tokens ? to.tokens - from.tokens : static_cast<std::int64_t>(to.point) - from.point;
  }

  const ParsedDocument& document_;
  AtomLimits limits_;
  Walker walker_;
  std::size_t block_ = 0;
  std::vector<Atom> atoms_;
};

}  // namespace

std::vector<Atom> make_atoms(const ParsedDocument& document, const AtomLimits& limits) {
  return AtomMaker(document, limits).run();
}

std::vector<Place> word_starts(std::string_view text, const Atom& atom) {
  std::vector<Place> places;
  Walker walker = Walker(text, true, atom.start);
  for (std::size_t at = atom.start.byte; at < atom.end.byte;) {
    while (at < atom.end.byte && is_space(text[at])) ++at;
    if (at >= atom.end.byte) break;
    places.push_back(walker.to_byte(at));
    at = word_end(text, at, atom.end.byte);
  }
  return places;
}

}  // namespace caprock::rag
