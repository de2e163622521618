#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/awaitable.h"
#include "base/context.h"
#include "stores/document_store.h"
#include "stores/vector_inventory.h"

namespace caprock::rag {

/// Goes through the visible documents of a collection, newest first, and tells which lack vectors of one
/// model. Documents that come in meanwhile are not met.
class GapWalk {
 public:
  GapWalk(stores::DocumentStore& documents, stores::VectorInventory& vectors, stores::SpaceKey space)
      : documents_(documents), vectors_(vectors), space_(std::move(space)) {}

  struct Step {
    std::uint64_t chunks = 0;   ///< of all documents of this step
    std::uint64_t missing = 0;  ///< of them without a vector
    std::vector<stores::Document> incomplete;
  };
  /// Nothing: the end. The context is of the collection's tenant. Errors: those of the stores.
  base::Awaitable<base::Result<std::optional<Step>>> next(const base::RequestContext& context);

 private:
  stores::DocumentStore& documents_;
  stores::VectorInventory& vectors_;
  const stores::SpaceKey space_;
  std::string cursor_;
  bool ended_ = false;
};

}  // namespace caprock::rag
