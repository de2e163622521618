#pragma once

#include <cstdint>
#include <vector>

#include "base/settings.h"
#include "rag/parse/parsed.h"
#include "stores/types.h"

namespace caprock::rag {

struct ChunkSettings {
  std::int64_t size = 1000;         ///< in `unit`s
  std::int64_t overlap = 200;       ///< in `unit`s, less than half of size
  std::string unit = "characters";  ///< or "tokens"
  base::SettingsSection describe();
};

/// Cuts a document into passages by paragraph, then sentence, then word; never inside a word that fits, never
/// inside a code point. `content` of every chunk equals the text at its span; together the chunks cover every
/// block. Pure.
std::vector<stores::Chunk> chunk_document(const ParsedDocument& document, const ChunkSettings& settings);

/// Words and marks, a close upper estimate of what a subword tokenizer makes of them; used for budgets.
std::uint32_t estimate_tokens(std::string_view text);

/// The sentences of a text as spans in bytes: shared by the chunker and the extractive answerer. Knows
/// abbreviations, decimals, initials, and the full stops of other scripts.
struct ByteSpan {
  std::size_t start = 0;
  std::size_t end = 0;
};
std::vector<ByteSpan> split_sentences(std::string_view text);

}  // namespace caprock::rag
