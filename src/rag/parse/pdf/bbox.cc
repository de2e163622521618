#include "rag/parse/pdf/bbox.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/utf8.h"
#include "rag/parse/formats.h"
#include "rag/parse/text/encoding.h"
#include "rag/parse/text/entities.h"

namespace caprock::rag::pdf {
namespace {

// A reader cannot see such small words: ids and watermarks that programs hide in a page.
constexpr float kInvisibleHeight = 2.0F;
constexpr float kFarthest = 1e6F;

float number_attribute(std::string_view tag, std::string_view name) {
  const std::size_t at = tag.find(name);
  if (at == std::string_view::npos) return 0;
  const std::string_view rest = tag.substr(at + name.size());
  float value = 0;
  std::from_chars(rest.data(), rest.data() + rest.size(), value);
  return std::isfinite(value) ? std::clamp(value, -kFarthest, kFarthest) : 0;
}

Box box_of(std::string_view tag) {
  Box box{number_attribute(tag, "xMin=\""), number_attribute(tag, "yMin=\""),
          number_attribute(tag, "xMax=\""), number_attribute(tag, "yMax=\"")};
  if (box.x1 < box.x0) std::swap(box.x0, box.x1);
  if (box.y1 < box.y0) std::swap(box.y0, box.y1);
  return box;
}

class Reader {
 public:
  explicit Reader(std::string_view xhtml, std::size_t max_text) : rest_(xhtml), max_text_(max_text) {}

  base::Result<BboxDocument> run() {
    while (next_tag()) {
      if (tag_.starts_with("word "))
        add_word();
      else if (tag_.starts_with("line "))
        words_.clear();
      else if (tag_ == "/line")
        end_line();
      else if (tag_.starts_with("block "))
        ++block_;
      else if (tag_.starts_with("page "))
        begin_page();
      else if (tag_ == "title" && document_.pages.empty())
        document_.title = unescape(text_until("</title>"));
      if (text_bytes_ > max_text_) return base::failure(text_too_large(max_text_));
    }
    if (document_.pages.empty())
      return base::failure(base::invalid_argument("content", "the PDF has no pages, or is broken"));
    return std::move(document_);
  }

 private:
  bool next_tag() {
    const std::size_t open = rest_.find('<');
    if (open == std::string_view::npos) return false;
    const std::size_t close = rest_.find('>', open);
    if (close == std::string_view::npos) return false;
    tag_ = rest_.substr(open + 1, close - open - 1);
    rest_.remove_prefix(close + 1);
    return true;
  }

  std::string_view text_until(std::string_view end) {
    const std::size_t at = std::min(rest_.find(end), rest_.size());
    const std::string_view text = rest_.substr(0, at);
    rest_.remove_prefix(at);
    return text;
  }

  static std::string unescape(std::string_view text) { return unescape_entities(base::repair_utf8(text)); }

  void begin_page() {
    document_.pages.push_back({.number = static_cast<std::uint32_t>(document_.pages.size() + 1),
                               .width = number_attribute(tag_, "width=\""),
                               .height = number_attribute(tag_, "height=\""),
                               .segments = {}});
    block_ = 0;
    words_.clear();
  }

  struct Word {
    std::string text;
    Box box;
  };

  void add_word() {
    const Box box = box_of(tag_);
    std::string text = unescape(text_until("</word>"));
    if (document_.pages.empty() || text.empty()) return;
    const bool sideways = height(box) > 2.5F * width(box) && text.size() > 2;
    if ((sideways ? width(box) : height(box)) < kInvisibleHeight) return;
    text_bytes_ += text.size() + 1;
    words_.push_back({std::move(text), box});
  }

  void end_line() {
    if (words_.empty()) return;
    Segment segment;
    segment.box = words_.front().box;
    segment.block = block_;
    segment.words = static_cast<std::uint32_t>(words_.size());
    std::vector<float> heights;
    std::size_t sideways = 0;
    for (const Word& word : words_) {
      if (!segment.text.empty()) segment.text += ' ';
      segment.text += word.text;
      segment.box = join(segment.box, word.box);
      heights.push_back(height(word.box));
      sideways += height(word.box) > 2.5F * width(word.box) && word.text.size() > 2;
    }
    std::ranges::nth_element(heights, heights.begin() + static_cast<std::ptrdiff_t>(heights.size() / 2));
    segment.size = heights[heights.size() / 2];
    segment.upright = sideways * 2 <= words_.size();
    segment.text = normalize_text(std::move(segment.text));
    if (!segment.text.empty()) document_.pages.back().segments.push_back(std::move(segment));
    words_.clear();
  }

  std::string_view rest_;
  std::string_view tag_;
  std::size_t max_text_;
  std::size_t text_bytes_ = 0;
  std::uint32_t block_ = 0;
  std::vector<Word> words_;  ///< the words of the line being read
  BboxDocument document_;
};

}  // namespace

base::Result<BboxDocument> read_bbox(std::string_view xhtml, std::size_t max_text) {
  return Reader(xhtml, max_text).run();
}

}  // namespace caprock::rag::pdf
