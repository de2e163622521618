// Any bytes as scores and as lists of models: what fits, or an error.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "providers/bedrock/model_list_codec.h"
#include "providers/bedrock/rerank_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace caprock;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<double> scores(3, 0.5);
  (void)providers::bedrock::read_scores(text, scores);
  for (const double score : scores)
    if (!std::isfinite(score)) std::abort();
  std::vector<llm::ModelInfo> models;
  (void)providers::bedrock::read_foundation_models(text, models);
  (void)providers::bedrock::read_inference_profiles(text, models);
  for (const llm::ModelInfo& model : models)
    if (!model.id.starts_with("bedrock/")) std::abort();
  return 0;
}
