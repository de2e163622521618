// Any bytes as embeddings of each family: vectors of the right number and length, or an error.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "providers/bedrock/embedding_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace caprock::providers::bedrock;
  if (size == 0) return 0;
  EmbeddingModel model;
  model.family = static_cast<EmbeddingFamily>(data[0] % 6);
  model.dimension = data[0] / 6 % 4 + 1;
  const std::size_t count = data[0] / 24 % 3 + 1;
  const auto read = read_embeddings(model, {reinterpret_cast<const char*>(data) + 1, size - 1}, count);
  if (!read) return 0;
  if (read->count() != count) std::abort();
  for (const float value : read->values)
    if (!std::isfinite(value) || std::abs(value) > 1.001F) std::abort();
  return 0;
}
