#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rag/answer/answerer.h"
#include "rag/answer/context_builder.h"

namespace caprock::rag {

/// A quotation as the model gave it.
struct ClaimedQuote {
  std::uint32_t ref = 0;
  std::string quote;
};
/// Reads `[{"ref": 1, "quote": "…"}]`; refs may be texts ("1"). What does not fit is left out. Pure.
std::vector<ClaimedQuote> read_quotes(std::string_view json);

/// The quotations that stand in their source, numbered from 1, and how many do not.
struct CheckedQuotes {
  std::vector<Citation> citations;
  std::map<std::uint32_t, std::vector<std::uint32_t>> numbers;  ///< ref → citation numbers
  std::uint32_t dropped = 0;
};

/// Looks every quotation up in its passage, then in the passage with its neighbours in the document (a
/// quotation may run over the end of a chunk). Errors: those of the store.
base::Awaitable<base::Result<CheckedQuotes>> check_quotes(const base::RequestContext& context,
                                                          stores::ChunkStore& chunks, std::string collection,
                                                          const std::vector<ClaimedQuote>& quotes,
                                                          const PromptContext& prompt,
                                                          std::span<const Passage> passages);

}  // namespace caprock::rag
