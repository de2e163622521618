#pragma once

#include <memory>

#include "llm/model_catalog.h"
#include "providers/bedrock/caller.h"

namespace caprock::providers::bedrock {

/// The foundation models of the region that can be called by their id, and the inference profiles, which
/// name the models that cannot. Thread safe.
class ModelList final : public llm::ModelCatalog {
 public:
  explicit ModelList(std::shared_ptr<Caller> caller) : caller_(std::move(caller)) {}
  base::Awaitable<base::Result<std::vector<llm::ModelInfo>>> models(
      const base::RequestContext& context) override;

 private:
  base::Awaitable<base::Result<std::string>> get(const base::RequestContext& context, std::string path);

  const std::shared_ptr<Caller> caller_;
};

}  // namespace caprock::providers::bedrock
