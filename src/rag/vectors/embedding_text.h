#pragma once

#include <string>

#include "stores/types.h"

namespace caprock::rag {

/// What an embedding model is given of a passage: its context, then its content.
inline std::string embedding_text(const stores::Chunk& chunk) {
  return chunk.context.empty() ? chunk.content : chunk.context + "\n" + chunk.content;
}

}  // namespace caprock::rag
