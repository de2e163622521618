#pragma once

#include <string_view>
#include <vector>

namespace caprock::rag {

/// Finds the headings of a paper in text without markup: lines such as "2 Methods", "3.1. Energy Use", whose
/// numbers continue those before ("8 GPUs" after section 2 does not), and "Abstract", "References" and their
/// like.
class NumberedHeadings {
 public:
  /// 1–6 when `line`, the next of the text, is a heading; else 0.
  int level_of(std::string_view line);

 private:
  bool continues(const std::vector<int>& number) const;
  std::vector<int> last_;
};

}  // namespace caprock::rag
