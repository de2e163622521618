#pragma once

#include <boost/json/value.hpp>
#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "llm/embedder.h"

namespace caprock::server::openai {

/// The body of POST /v1/embeddings.
struct EmbeddingsBody {
  std::string model;
  std::vector<std::string> texts;
  std::size_t dimensions = 0;  ///< 0: the model's own
  bool base64 = false;         ///< little-endian floats, as the SDKs ask for by themselves
};

/// kInvalidArgument with the field; tokens instead of texts are refused by name.
/// https://platform.openai.com/docs/api-reference/embeddings/create
base::Result<EmbeddingsBody> read_embeddings_body(const boost::json::value& body);

/// The answer, JSON text.
std::string render_embeddings(const EmbeddingsBody& body, const llm::Embeddings& vectors);

}  // namespace caprock::server::openai
