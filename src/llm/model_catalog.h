#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/awaitable.h"
#include "base/clock.h"
#include "base/context.h"

namespace caprock::llm {

/// What is known of a model that can be asked here. What nobody says is absent, never a guess.
struct ModelInfo {
  std::string id;         ///< as a request names it, the provider's prefix included
  std::string name = {};  ///< for people
  std::string provider = {};
  std::optional<std::int64_t> context_tokens = {};
  std::optional<std::int64_t> max_output_tokens = {};
  std::optional<std::int64_t> input_nano_usd = {};   ///< a token
  std::optional<std::int64_t> output_nano_usd = {};  ///< a token
  std::vector<std::string> input_kinds = {};         ///< text, image, …
  std::vector<std::string> output_kinds = {};        ///< text, embedding, …
  bool available = true;                             ///< may be called with our credentials, as far as known
  std::optional<base::WallTime> listed_at = {};      ///< when its provider said so
};

/// Something that can tell its models. Thread safe. Errors: those of the provider.
class ModelCatalog {
 public:
  virtual ~ModelCatalog() = default;
  virtual base::Awaitable<base::Result<std::vector<ModelInfo>>> models(
      const base::RequestContext& context) = 0;
};

}  // namespace caprock::llm
