#include "providers/local/model_spec.h"

#include <array>
#include <string>

namespace caprock::providers {
namespace {

// Fingerprints are the first digits of the SHA-256 of the weights (scripts/deps/models.sh).
constexpr std::array<ModelSpec, 2> kModels{{
    {.key = "minilm",
     .name = "all-MiniLM-L6-v2",
     .fingerprint = "all-MiniLM-L6-v2/53aa51172d142c89",
     .dimension = 384,
     .max_tokens = 256,
     .query_prefix = "",
     .passage_prefix = "",
     .tokenizer = TokenizerKind::kWordPiece},
    {.key = "e5",
     .name = "multilingual-e5-small",
     .fingerprint = "multilingual-e5-small-q4/1571fc9827503943",
     .dimension = 384,
     .max_tokens = 512,
     .query_prefix = "query: ",
     .passage_prefix = "passage: ",
     .tokenizer = TokenizerKind::kUnigram},
}};

}  // namespace

base::Result<ModelSpec> find_model(std::string_view key) {
  for (const ModelSpec& model : kModels)
    if (model.key == key) return model;
  return base::failure(base::invalid_argument("embeddings.model",
                                              "no embedded model '" + std::string(key) + "': minilm or e5"));
}

std::optional<ModelSpec> find_model_of(std::string_view fingerprint) {
  for (const ModelSpec& model : kModels)
    if (model.fingerprint == fingerprint) return model;
  return std::nullopt;
}

}  // namespace caprock::providers
