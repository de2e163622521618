#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "llm/embedder.h"
#include "providers/openai_compatible/dialect.h"

namespace caprock::providers::openai {

/// The body of POST /embeddings. `dimensions` is sent when it is not 0: some models can shorten their
/// vectors.
std::string encode_embedding_request(const std::string& model, std::span<const std::string> texts,
                                     std::size_t dimensions);

/// Appends one row a text, in the order of the texts, each made of unit length. kUpstream for a reply that is
/// none; kInternal, naming the setting, when the vectors have another dimension than `out` says.
base::Result<void> decode_embeddings(const Dialect& dialect, const std::string& model, std::string_view body,
                                     std::size_t count, llm::Embeddings& out);

}  // namespace caprock::providers::openai
