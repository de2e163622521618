#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "rag/parse/pdf/page.h"

namespace caprock::rag::pdf {

/// Decides how two lines of a paragraph join. Whether a hyphen at a line's end belongs to the word is told by
/// the document's own words: "infor-" + "mation" joins, "long-" + "term" stays where the parts are words
/// themselves.
class Hyphens {
 public:
  enum class Join { kNone, kSpace, kKeepHyphen, kDropHyphen };
  explicit Hyphens(const std::vector<Page>& pages);
  Join between(std::string_view line, std::string_view next) const;

 private:
  std::unordered_set<std::string> words_;  ///< lower case; compounds with their hyphens too
};

}  // namespace caprock::rag::pdf
