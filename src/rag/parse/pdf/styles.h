#pragma once

#include <string_view>
#include <vector>

#include "rag/parse/pdf/page.h"

namespace caprock::rag::pdf {

/// The letter sizes of a document: which is the body's, and which are headings.
class Styles {
 public:
  explicit Styles(const std::vector<Page>& pages);
  bool is_heading(float size) const { return size >= body_ * 1.15F; }
  /// 1–6 from the largest down, 0: no heading.
  int level(float size) const;

 private:
  float body_ = 0;
  std::vector<float> sizes_;  ///< of headings, descending, alike ones as one
};

/// False for what programs write into a PDF's title by themselves ("Microsoft Word - x.doc", a file name).
bool is_good_title(std::string_view title);

}  // namespace caprock::rag::pdf
