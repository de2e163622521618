#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "llm/embedder.h"

namespace caprock::providers::bedrock {

enum class EmbeddingFamily : std::uint8_t { kTitanV1, kTitanV2, kTitanImage, kNova, kCohereV3, kCohereV4 };

/// An embedding model and the limits of its calls.
/// https://docs.aws.amazon.com/bedrock/latest/userguide/titan-embedding-models.html
/// https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-embed.html
struct EmbeddingModel {
  std::string id;  ///< as it goes into the path: plain, a profile's, or an ARN
  EmbeddingFamily family = EmbeddingFamily::kTitanV2;
  std::size_t dimension = 0;
  std::size_t texts_per_call = 1;
  std::size_t max_tokens = 0;
  std::size_t max_characters = 0;  ///< of a text; what comes after is not sent, for the call would be refused
};

/// What is known of `id`. `dimension` 0 means the model's own. kInvalidArgument with field
/// "embeddings.model" for a model that is not known, "embeddings.dimension" for one that it does not make.
base::Result<EmbeddingModel> embedding_model(const std::string& id, std::size_t dimension);

/// The body of InvokeModel for up to `texts_per_call` texts, none of them blank.
std::string embedding_body(const EmbeddingModel& model, std::span<const std::string> texts,
                           llm::EmbedPurpose purpose);

/// The vectors of an answer to `count` texts, in order, brought to unit length; usage as far as the body
/// tells. kUpstream when their number or dimension is another.
base::Result<llm::Embeddings> read_embeddings(const EmbeddingModel& model, std::string_view body,
                                              std::size_t count);

}  // namespace caprock::providers::bedrock
