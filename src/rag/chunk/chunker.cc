#include "rag/chunk/chunker.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/utf8.h"
#include "rag/chunk/atoms.h"

namespace caprock::rag {
namespace {

using stores::Chunk;

// A heading starts a new passage once the running one holds this share of the size.
constexpr std::int64_t kHeadingShare = 4;

class Chunker {
 public:
  Chunker(const ParsedDocument& document, const ChunkSettings& settings)
      : document_(document),
        tokens_(settings.unit == "tokens"),
        size_(std::max<std::int64_t>(settings.size, 1)),
        overlap_(std::clamp<std::int64_t>(settings.overlap, 0, size_ / 2)),
        atoms_(make_atoms(document, {.most = size_, .piece = size_ - overlap_, .tokens = tokens_})) {}

  std::vector<Chunk> run() {
    for (std::size_t first = 0; first < atoms_.size();) {
      const std::size_t last = take(first);
      emit(first, last);
      if (last + 1 >= atoms_.size()) break;
      first = last + 1;
      set_overlap(first, last);
    }
    return std::move(chunks_);
  }

 private:
  std::int64_t cost(const Place& from, const Place& to) const {
    return tokens_ ? to.tokens - from.tokens : static_cast<std::int64_t>(to.point) - from.point;
  }
  const Block& block_of(std::size_t atom) const { return document_.blocks[atoms_[atom].block]; }
  bool ends_block(std::size_t atom) const {
    return atom + 1 == atoms_.size() || atoms_[atom + 1].block != atoms_[atom].block;
  }

  // The last atom of the passage that begins at `start_` with atom `first`: as many as fit; rather to the end
  // of a paragraph, if that leaves it more than half full; not over a heading when there is enough already.
  std::size_t take(std::size_t first) {
    if (!has_overlap_) start_ = atoms_[first].start;
    std::size_t last = first;
    std::size_t paragraph_end = ends_block(first) ? first : atoms_.size();
    for (std::size_t next = first + 1; next < atoms_.size(); ++next) {
      if (cost(start_, atoms_[next].end) > size_) return prefer_paragraph(last, paragraph_end);
      if (starts_section(next) && cost(start_, atoms_[last].end) * kHeadingShare >= size_) return last;
      last = next;
      if (ends_block(next) && block_of(next).kind != Block::Kind::kHeading) paragraph_end = next;
    }
    return last;
  }

  std::size_t prefer_paragraph(std::size_t last, std::size_t paragraph_end) const {
    if (paragraph_end < atoms_.size() && cost(start_, atoms_[paragraph_end].end) * 2 >= size_)
      return paragraph_end;
    // Not a heading as the last line.
    while (last > 0 && block_of(last).kind == Block::Kind::kHeading && paragraph_end < last &&
           block_of(last - 1).kind != Block::Kind::kHeading)
      --last;
    return last;
  }

  bool starts_section(std::size_t atom) const {
    return block_of(atom).kind == Block::Kind::kHeading && block_of(atom - 1).kind != Block::Kind::kHeading;
  }

  // The next passage begins up to `overlap_` before the end of the last one, at a sentence if one begins
  // there, else at a word; but at `first` itself when that opens a section.
  void set_overlap(std::size_t first, std::size_t last) {
    has_overlap_ = false;
    if (overlap_ == 0 || starts_section(first)) return;
    std::size_t sentence = first;
    while (sentence > 0 && cost(atoms_[sentence - 1].start, atoms_[last].end) <= overlap_ &&
           !starts_section_at(sentence))
      --sentence;
    Place start = sentence < first ? atoms_[sentence].start : word_within(atoms_[last]);
    // What is carried over must leave room for at least one new atom.
    if (cost(start, atoms_[first].end) > size_) return;
    if (start.point <= start_.point) return;
    start_ = start;
    has_overlap_ = true;
  }

  bool starts_section_at(std::size_t atom) const {
    return atom > 0 && atom < atoms_.size() && starts_section(atom);
  }

  Place word_within(const Atom& atom) const {
    for (const Place& word : word_starts(document_.text, atom))
      if (cost(word, atom.end) <= overlap_) return word;
    return atom.end;
  }

  void emit(std::size_t first, std::size_t last) {
    Place start = has_overlap_ ? start_ : atoms_[first].start;
    if (start.byte >= atoms_[last].end.byte) start = atoms_[first].start;
    const Place& end = atoms_[last].end;
    Chunk chunk;
    chunk.index = static_cast<std::uint32_t>(chunks_.size());
    chunk.span = {start.point, end.point};
    chunk.content = document_.text.substr(start.byte, end.byte - start.byte);
    chunk.token_count = estimate_tokens(chunk.content);
    describe(chunk, first, last);
    chunks_.push_back(std::move(chunk));
  }

  // Section, table header and page are those of the block that gives the passage most of its new text.
  void describe(Chunk& chunk, std::size_t first, std::size_t last) const {
    const Block* main = &block_of(first);
    std::uint32_t most = 0;
    for (std::size_t atom = first; atom <= last; ++atom) {
      const Block& block = block_of(atom);
      const std::uint32_t length =
          std::min(block.span.end, chunk.span.end) - std::max(block.span.start, chunk.span.start);
      if (block.kind == Block::Kind::kHeading || length <= most) continue;
      most = length;
      main = &block;
    }
    chunk.section = main->section;
    place_on_page(chunk);
    for (const std::string_view part : {std::string_view(document_.title), below_title(chunk.section),
                                        std::string_view(main->table_header)}) {
      if (part.empty()) continue;
      if (!chunk.context.empty()) chunk.context += '\n';
      chunk.context += part;
    }
  }

  // A section path without the title, when that is its first heading: the context has it already.
  std::string_view below_title(std::string_view section) const {
    const std::string& title = document_.title;
    if (title.empty() || !section.starts_with(title)) return section;
    if (section.size() == title.size()) return {};
    const std::string_view rest = section.substr(title.size());
    return rest.starts_with(" > ") ? rest.substr(3) : section;
  }

  void place_on_page(Chunk& chunk) const {
    // Blocks are in order: the first that reaches into the passage.
    auto block = std::ranges::partition_point(document_.blocks,
                                              [&](const Block& b) { return b.span.end <= chunk.span.start; });
    for (; block != document_.blocks.end() && block->span.start < chunk.span.end; ++block) {
      if (!chunk.page) chunk.page = block->page;
      for (const Block::Line& line : block->lines) {
        if (line.span.end <= chunk.span.start || line.span.start >= chunk.span.end) continue;
        if (chunk.boxes.empty()) chunk.page = line.page;
        chunk.boxes.push_back({line.span, line.page, line.box});
      }
    }
  }

  const ParsedDocument& document_;
  bool tokens_;
  std::int64_t size_;
  std::int64_t overlap_;
  std::vector<Atom> atoms_;
  Place start_;
  bool has_overlap_ = false;
  std::vector<Chunk> chunks_;
};

}  // namespace

base::SettingsSection ChunkSettings::describe() {
  return {
      .name = "chunk",
      .help = "How documents are cut into passages.",
      .settings = {
          {.key = "size", .target = &size, .help = "largest passage, in units", .min = 50, .max = 100'000},
          {.key = "overlap",
           .target = &overlap,
           .help = "text that two passages share, less than half of size",
           .min = 0,
           .max = 50'000},
          {.key = "unit",
           .target = &unit,
           .help = "of size and overlap",
           .choices = {"characters", "tokens"}},
      }};
}

std::vector<Chunk> chunk_document(const ParsedDocument& document, const ChunkSettings& settings) {
  return Chunker(document, settings).run();
}

}  // namespace caprock::rag
