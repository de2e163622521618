#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "rag/retrieve/retriever.h"

namespace caprock::rag {

/// The passages as a model reads them. Ref n (from 1, best first) is `passages[refs[n - 1]]`.
struct PromptContext {
  std::string text;
  std::string tag;  ///< name of the elements: stands in none of the passages, so that no text can forge one
  std::vector<std::size_t> refs;
  std::uint32_t tokens = 0;  ///< estimated
};

/// Takes passages best first until the budget is used up, leaving out what another one says already; the
/// first is cut when it alone is too long. In the text the best stands first and the second best last, for
/// models read the middle least. Titles and sections are data too: no mark-up in them survives. Pure.
PromptContext build_context(std::span<const Passage> passages, std::uint32_t token_budget);

}  // namespace caprock::rag
