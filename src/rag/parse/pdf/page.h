#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stores/types.h"

namespace caprock::rag::pdf {

using Box = stores::PageBox;

inline float width(const Box& b) { return b.x1 - b.x0; }
inline float height(const Box& b) { return b.y1 - b.y0; }
inline float middle(const Box& b) { return (b.y0 + b.y1) / 2; }
inline Box join(const Box& a, const Box& b) {
  return {a.x0 < b.x0 ? a.x0 : b.x0, a.y0 < b.y0 ? a.y0 : b.y0, a.x1 > b.x1 ? a.x1 : b.x1,
          a.y1 > b.y1 ? a.y1 : b.y1};
}

/// Words that stand beside each other without a wide gap: a `line` of pdftotext.
struct Segment {
  std::string text;  ///< UTF-8 as pdftotext gave it, one space between words
  Box box;
  float size = 0;           ///< the usual height of its words: stands for the font size
  std::uint32_t block = 0;  ///< pdftotext's block on this page
  std::uint32_t words = 0;
  bool upright = true;  ///< false: written sideways
};

struct Page {
  std::uint32_t number = 0;  ///< from 1
  float width = 0;
  float height = 0;
  std::vector<Segment> segments;  ///< in pdftotext's reading order
};

}  // namespace caprock::rag::pdf
