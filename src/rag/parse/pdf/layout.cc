#include "rag/parse/pdf/layout.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

namespace caprock::rag::pdf {
namespace {

using Segments = std::vector<const Segment*>;

constexpr int kDeepest = 6;               ///< columns within columns
constexpr std::size_t kMostBlocks = 600;  ///< of running text on a page that are compared with each other

Box bounds(const Segments& segments) {
  Box box = segments.front()->box;
  for (const Segment* segment : segments) box = join(box, segment->box);
  return box;
}

// pdftotext's blocks within a region.
std::map<std::uint32_t, Segments> blocks_of(const Segments& segments) {
  std::map<std::uint32_t, Segments> blocks;
  for (const Segment* segment : segments) blocks[segment->block].push_back(segment);
  return blocks;
}

// Running text: three or more tight lines of several words, most of which reach the right edge. Labels and
// cells of a table are short, ragged, or far apart.
bool is_running_text(const Segments& lines) {
  if (lines.size() < 3) return false;
  const Box box = bounds(lines);
  std::size_t words = 0;
  std::size_t filled = 0;
  std::size_t loose = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    words += lines[i]->words;
    filled += lines[i]->box.x1 >= box.x0 + 0.7F * width(box);
    loose += i > 0 && (lines[i]->box.y0 - lines[i - 1]->box.y1 > 0.9F * lines[i]->size ||
                       lines[i]->box.y0 < lines[i - 1]->box.y0 + 0.3F * lines[i]->size);
  }
  return words >= 4 * lines.size() && filled * 2 >= lines.size() && loose * 3 <= lines.size();
}

// The x between two columns of running text that stand side by side.
std::optional<std::pair<float, float>> find_gutter(const std::map<std::uint32_t, Segments>& blocks) {
  std::vector<Box> prose;
  for (const auto& [id, lines] : blocks)
    if (is_running_text(lines)) prose.push_back(bounds(lines));
  if (prose.size() > kMostBlocks) prose.resize(kMostBlocks);
  std::optional<std::pair<float, float>> best;
  float best_overlap = 0;
  for (const Box& left : prose) {
    for (const Box& right : prose) {
      if (left.x1 > right.x0 + 1) continue;
      const float overlap = std::min(left.y1, right.y1) - std::max(left.y0, right.y0);
      if (overlap < 20 || overlap <= best_overlap) continue;
      best_overlap = overlap;
      best = {(left.x1 + right.x0) / 2, (std::max(left.y0, right.y0) + std::min(left.y1, right.y1)) / 2};
    }
  }
  return best;
}

bool same_line(const Segment& a, const Segment& b) {
  const float overlap = std::min(a.box.y1, b.box.y1) - std::max(a.box.y0, b.box.y0);
  return overlap > 0.55F * std::min(height(a.box), height(b.box));
}

class PageReader {
 public:
  std::vector<Row> read(const Page& page) {
    Segments upright;
    Segments sideways;
    for (const Segment& segment : page.segments) (segment.upright ? upright : sideways).push_back(&segment);
    split(upright, 0);
    for (const Segment* segment : sideways) rows_.push_back({{{segment}}, segment->box});
    return std::move(rows_);
  }

 private:
  // A region is either cut along a gutter (above, left, right, below) or read top down.
  void split(const Segments& segments, int depth) {
    if (segments.empty()) return;
    const auto blocks = blocks_of(segments);
    const auto gutter = depth < kDeepest ? find_gutter(blocks) : std::nullopt;
    if (!gutter) return top_down(segments, blocks);
    const auto [x, y] = *gutter;
    const auto [top, bottom] = extent(segments, x, y);
    std::array<Segments, 4> parts;
    for (const Segment* s : segments) {
      const float at = middle(s->box);
      const bool left = (s->box.x0 + s->box.x1) / 2 < x;
      parts[at <= top ? 0 : at >= bottom ? 3 : left ? 1 : 2].push_back(s);
    }
    const bool progress =
        std::ranges::all_of(parts, [&](const Segments& p) { return p.size() < segments.size(); });
    if (!progress) return top_down(segments, blocks);
    for (const Segments& part : parts) split(part, depth + 1);
  }

  // The columns reach up and down to the next line that crosses the gutter; a heading right above that line,
  // with space over it and nothing beside it, belongs to the line.
  static std::pair<float, float> extent(const Segments& segments, float x, float y) {
    float top = -1e9F;
    float bottom = 1e9F;
    for (const Segment* s : segments) {
      if (s->box.x0 >= x - 1 || s->box.x1 <= x + 1) continue;
      if (middle(s->box) < y)
        top = std::max(top, middle(s->box));
      else
        bottom = std::min(bottom, middle(s->box));
    }
    return {top, bottom < 1e9F ? end_of_columns(segments, x, y, bottom) : bottom};
  }

  static float end_of_columns(const Segments& segments, float x, float y, float bottom) {
    Segments below;
    for (const Segment* s : segments)
      if (middle(s->box) > y && middle(s->box) < bottom) below.push_back(s);
    std::ranges::sort(below, {}, [](const Segment* s) { return s->box.y0; });
    float reached = y;
    for (std::size_t i = 0; i < below.size(); reached = std::max(reached, below[i++]->box.y1)) {
      if (below[i]->box.y0 - reached < 1.4F * below[i]->size) continue;
      const auto is_left = [&](const Segment* s) { return s->box.x1 < x; };
      const auto left = std::count_if(below.begin() + static_cast<std::ptrdiff_t>(i), below.end(), is_left);
      if (left == 0 || left == static_cast<std::ptrdiff_t>(below.size() - i)) return below[i]->box.y0;
    }
    return bottom;
  }

  // A piece that stays together: a block of running text, or one segment.
  struct Unit {
    Segments lines;
    Box box;
  };

  void top_down(const Segments& segments, const std::map<std::uint32_t, Segments>& blocks) {
    std::vector<Unit> units;
    for (const auto& [id, lines] : blocks) {
      if (is_running_text(lines)) {
        units.push_back({lines, bounds(lines)});
        continue;
      }
      for (const Segment* line : lines) units.push_back({{line}, line->box});
    }
    std::ranges::sort(units, {}, [](const Unit& u) {
      return std::tuple(u.lines.front()->box.y0, u.box.x0, u.lines.front());
    });
    const Box region = bounds(segments);
    for (std::size_t i = 0; i < units.size();) i = take_row(units, i, region);
  }

  // The units from `first` whose first lines stand on one line make a row.
  std::size_t take_row(std::vector<Unit>& units, std::size_t first, const Box& region) {
    std::size_t end = first + 1;
    while (end < units.size() && same_line(*units[first].lines.front(), *units[end].lines.front())) ++end;
    std::sort(units.begin() + static_cast<std::ptrdiff_t>(first),
              units.begin() + static_cast<std::ptrdiff_t>(end),
              [](const Unit& a, const Unit& b) { return a.box.x0 < b.box.x0; });
    Row row{{}, region};
    for (std::size_t i = first; i < end; ++i) add_cell(row, units[i]);
    if (!continues_cell(row)) rows_.push_back(std::move(row));
    return end;
  }

  // A bullet or number that was set apart belongs to the text after it.
  static void add_cell(Row& row, const Unit& unit) {
    if (!row.cells.empty()) {
      const Segment& last = *row.cells.back().back();
      const bool marker = row.cells.back().size() == 1 && last.text.size() <= 4 && last.words == 1;
      const float gap = unit.box.x0 - last.box.x1;
      if ((marker && gap < 3 * last.size) || gap < 0.45F * last.size) {
        row.cells.back().insert(row.cells.back().end(), unit.lines.begin(), unit.lines.end());
        return;
      }
    }
    row.cells.push_back(unit.lines);
  }

  // "Seatbelt, Shoulder" / "harness": a lone segment right below a cell of the row above, and not in the
  // first column unless it follows very tightly, is that cell's next line.
  bool continues_cell(const Row& row) {
    if (rows_.empty() || !rows_.back().is_table() || row.cells.size() >= rows_.back().cells.size())
      return false;
    std::vector<Cell*> targets;
    for (const Cell& cell : row.cells) {
      Cell* target = cell.size() == 1 ? cell_above(*cell.front()) : nullptr;
      if (target == nullptr) return false;
      targets.push_back(target);
    }
    for (std::size_t i = 0; i < targets.size(); ++i) targets[i]->push_back(row.cells[i].front());
    return true;
  }

  Cell* cell_above(const Segment& segment) {
    std::vector<Cell>& above = rows_.back().cells;
    for (Cell& cell : above) {
      const Segment& last = *cell.back();
      const float gap = segment.box.y0 - last.box.y1;
      const bool first_column = &cell == &above.front();
      if (std::abs(last.box.x0 - segment.box.x0) > 2.5F || std::abs(last.size - segment.size) > 1) continue;
      if (gap > (first_column ? 0.1F : 0.45F) * segment.size || gap < -segment.size) continue;
      return first_column && last.text.ends_with(':') ? nullptr : &cell;
    }
    return nullptr;
  }

  std::vector<Row> rows_;
};

}  // namespace

std::vector<Row> reading_order(const Page& page) { return PageReader().read(page); }

}  // namespace caprock::rag::pdf
