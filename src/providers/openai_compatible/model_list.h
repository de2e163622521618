#pragma once

#include <memory>

#include "llm/model_catalog.h"
#include "providers/openai_compatible/server.h"

namespace caprock::providers::openai {

/// GET /models of one server. Thread safe.
class ModelList final : public llm::ModelCatalog {
 public:
  explicit ModelList(std::shared_ptr<const Server> server) : server_(std::move(server)) {}
  base::Awaitable<base::Result<std::vector<llm::ModelInfo>>> models(
      const base::RequestContext& context) override;

 private:
  std::shared_ptr<const Server> server_;
};

}  // namespace caprock::providers::openai
