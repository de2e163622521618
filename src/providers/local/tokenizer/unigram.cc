#include "providers/local/tokenizer/unigram.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "base/utf8.h"

namespace caprock::providers {

/// Reads numbers off the table; past its end everything is zero and `cut_short()` is true.
class TableReader {
 public:
  explicit TableReader(std::string_view bytes) : rest_(bytes) {}

  template <class T>
  T read() {
    T value{};
    const std::string_view raw = take(sizeof value);
    if (raw.size() == sizeof value) std::memcpy(&value, raw.data(), sizeof value);
    return value;
  }
  std::string_view take(std::size_t count) {
    if (count > rest_.size()) {
      cut_short_ = true;
      rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  bool cut_short() const { return cut_short_; }

 private:
  std::string_view rest_;
  bool cut_short_ = false;
};

namespace {

/// U+2581, which stands for a space and begins every word.
constexpr std::string_view kSpaceMark = "\xE2\x96\x81";
/// How much less likely than the least likely piece an unknown code point is (SentencePiece's kUnkPenalty).
constexpr double kUnknownPenalty = 10;
/// Below it no code point combines with another, so that text is in NFC as it stands.
constexpr char32_t kFirstCombining = 0x300;

base::Error damaged() { return base::invalid_argument("unigram.bin", "the tokenizer's table is damaged"); }

std::uint32_t number_at(std::string_view array, std::size_t index) {
  std::uint32_t value = 0;
  std::memcpy(&value, array.data() + index * sizeof value, sizeof value);
  return value;
}

/// `text` with malformed bytes replaced, composed to NFC, and cut at about `limit` bytes; runs of ASCII space
/// count as one, so that blanks do not use the limit up.
std::string compose(std::string_view text, std::size_t limit) {
  std::string out;
  bool combining = false;
  for (std::size_t at = 0; at < text.size() && out.size() < limit;) {
    char32_t c = base::next_code_point(text, at);
    if (c == '\t' || c == '\n' || c == '\r') c = ' ';
    if (c == ' ' && out.ends_with(' ')) continue;
    combining = combining || c >= kFirstCombining;
    base::append_utf8(out, c);
  }
  if (!combining) return out;
  utf8proc_uint8_t* composed = nullptr;
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(out.data()),
                                 static_cast<utf8proc_ssize_t>(out.size()), &composed,
                                 static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  if (size >= 0) out.assign(reinterpret_cast<const char*>(composed), static_cast<std::size_t>(size));
  std::free(composed);  // utf8proc allocates by malloc
  return out;
}

}  // namespace

base::Result<std::unique_ptr<Unigram>> Unigram::make(std::string table) {
  std::unique_ptr<Unigram> made(new Unigram);
  made->table_ = std::move(table);
  TableReader reader(made->table_);
  if (reader.take(4) != "CUNI") return base::failure(damaged());
  CAPROCK_CHECK(made->read_pieces(reader));
  CAPROCK_CHECK(made->read_map(reader));
  made->table_ = {};
  return made;
}

base::Result<void> Unigram::read_pieces(TableReader& table) {
  const auto count = static_cast<std::size_t>(table.read<std::uint32_t>());
  begin_ = table.read<std::int32_t>();
  end_ = table.read<std::int32_t>();
  pad_ = table.read<std::int32_t>();
  unknown_ = table.read<std::int32_t>();
  const auto text_size = table.read<std::uint64_t>();
  const std::string_view offsets = table.take((count + 1) * sizeof(std::uint32_t));
  const std::string_view scores = table.take(count * sizeof(float));
  const std::string_view text = table.take(text_size);
  if (table.cut_short() || count == 0) return base::failure(damaged());
  scores_.resize(count);
  std::memcpy(scores_.data(), scores.data(), scores.size());
  std::vector<std::pair<std::string_view, std::int32_t>> pieces;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t from = number_at(offsets, i);
    const std::size_t to = number_at(offsets, i + 1);
    if (from > to || to > text.size()) return base::failure(damaged());
    longest_ = std::max(longest_, to - from);
    // Marks such as <s> inside a text are text. They are the pieces in angle brackets without a probability.
    const std::string_view piece = text.substr(from, to - from);
    const bool mark = piece.starts_with('<') && piece.ends_with('>') && piece.size() > 2 && scores_[i] == 0;
    if (!mark) pieces.emplace_back(piece, static_cast<std::int32_t>(i));
  }
  unknown_score_ = static_cast<double>(*std::ranges::min_element(scores_)) - kUnknownPenalty;
  trie_ = PieceTrie(std::move(pieces));
  return {};
}

base::Result<void> Unigram::read_map(TableReader& table) {
  const auto count = static_cast<std::size_t>(table.read<std::uint32_t>());
  table.read<std::uint32_t>();
  for (std::size_t i = 0; i < count && !table.cut_short(); ++i) {
    const auto from = static_cast<char32_t>(table.read<std::uint32_t>());
    const std::size_t length = table.read<std::uint8_t>();
    std::string to;
    for (std::size_t j = 0; j < length; ++j)
      base::append_utf8(to, static_cast<char32_t>(table.read<std::uint32_t>()));
    map_.emplace(from, std::move(to));
  }
  if (table.cut_short()) return base::failure(damaged());
  return {};
}

void Unigram::append_mapped(std::string& out, char32_t code_point) const {
  const auto found = map_.find(code_point);
  if (found == map_.end()) return base::append_utf8(out, code_point);
  out += found->second;
}

/// Words with one space between, none at the ends.
std::string Unigram::normal_form(std::string_view text) const {
  std::string mapped;
  for (std::size_t at = 0; at < text.size();) append_mapped(mapped, base::next_code_point(text, at));
  std::string out;
  for (const char c : mapped)
    if (c != ' ' || (!out.empty() && !out.ends_with(' '))) out.push_back(c);
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

void Unigram::add_word(std::string_view word, std::vector<std::int32_t>& ids) const {
  struct Best {
    double score = -std::numeric_limits<double>::infinity();
    std::size_t from = 0;
    std::int32_t id = 0;
  };
  std::vector<Best> best(word.size() + 1);  // of the ways to cut word[0, i) into pieces
  best[0].score = 0;
  const auto offer = [&best](std::size_t from, std::size_t to, std::int32_t id, double score) {
    if (best[from].score + score > best[to].score) best[to] = {best[from].score + score, from, id};
  };
  for (std::size_t at = 0; at < word.size();) {
    std::size_t next = at;
    base::next_code_point(word, next);
    bool single = false;
    trie_.prefixes(word.substr(at), [&](std::size_t bytes, std::int32_t id) {
      single = single || at + bytes == next;
      offer(at, at + bytes, id, static_cast<double>(scores_[static_cast<std::size_t>(id)]));
    });
    if (!single) offer(at, next, unknown_, unknown_score_);
    at = next;
  }
  const std::size_t before = ids.size();
  for (std::size_t at = word.size(); at > 0; at = best[at].from) {
    // A run of unknown code points is one unknown token.
    if (best[at].id == unknown_ && ids.size() > before && ids.back() == unknown_) continue;
    ids.push_back(best[at].id);
  }
  std::reverse(ids.begin() + static_cast<std::ptrdiff_t>(before), ids.end());
}

std::vector<std::int32_t> Unigram::encode(std::string_view text, std::size_t max_tokens) const {
  const std::size_t limit = std::max(max_tokens, kMarks) - 1;  // leaves room for the end mark
  // More bytes than `limit` pieces can take up, and a margin in which the cut does not move the pieces before
  // it.
  const std::size_t bytes = max_tokens > text.size() ? text.size() * 2 + 4 : (limit + 8) * longest_;
  std::string words = normal_form(compose(text, bytes));
  if (!words.empty() && !words.starts_with(kSpaceMark)) words.insert(0, " ");
  std::string marked;
  for (const char c : words) c == ' ' ? void(marked += kSpaceMark) : marked.push_back(c);
  std::vector<std::int32_t> ids{begin_};
  for (std::size_t at = 0; at < marked.size() && ids.size() < limit;) {
    const std::size_t end = std::min(marked.find(kSpaceMark, at + 1), marked.size());
    add_word(std::string_view(marked).substr(at, end - at), ids);
    at = end;
  }
  if (ids.size() > limit) ids.resize(limit);
  ids.push_back(end_);
  return ids;
}

}  // namespace caprock::providers
