#include "rag/parse/pdf/styles.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>

#include "rag/parse/text/marks.h"

namespace caprock::rag::pdf {

Styles::Styles(const std::vector<Page>& pages) {
  std::map<long, std::size_t> bytes_by_size;  // in quarters of a point
  for (const Page& page : pages)
    for (const Segment& segment : page.segments)
      if (segment.upright) bytes_by_size[std::lround(segment.size * 4)] += segment.text.size();
  std::size_t most = 0;
  for (const auto& [size, bytes] : bytes_by_size) {
    if (bytes <= most) continue;
    most = bytes;
    body_ = static_cast<float>(size) / 4;
  }
  for (auto it = bytes_by_size.rbegin(); it != bytes_by_size.rend(); ++it) {
    const float size = static_cast<float>(it->first) / 4;
    if (is_heading(size) && (sizes_.empty() || size < sizes_.back() * 0.96F)) sizes_.push_back(size);
  }
}

int Styles::level(float size) const {
  if (!is_heading(size)) return 0;
  const auto found = std::ranges::find_if(sizes_, [&](float s) { return size >= s * 0.96F; });
  return std::min(6, static_cast<int>(found - sizes_.begin()) + 1);
}

bool is_good_title(std::string_view title) {
  constexpr std::array<std::string_view, 9> kFileEndings{".doc", ".docx", ".pdf", ".indd", ".tex",
                                                         ".dvi", ".qxd",  ".rtf", ".ppt"};
  if (title.size() < 4 || !has_letters(title)) return false;
  // One word with digits is the name of a file: "GSA2022".
  if (!title.contains(' ') && title.find_first_of("0123456789_") != std::string_view::npos) return false;
  if (title.starts_with("Microsoft ") || title.starts_with("untitled") || title.starts_with("Untitled"))
    return false;
  return std::ranges::none_of(kFileEndings, [&](std::string_view end) { return title.ends_with(end); });
}

}  // namespace caprock::rag::pdf
