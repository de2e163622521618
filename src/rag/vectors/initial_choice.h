#pragma once

#include <cstdint>
#include <string>

#include "base/awaitable.h"
#include "rag/vectors/serving_models.h"
#include "stores/vector_inventory.h"

namespace caprock::rag {

struct InitialChoice {
  std::uint64_t behind = 0;  ///< by how many vectors the configured model is behind, over all collections
  std::string earlier;       ///< the model that serves meanwhile somewhere, for people; empty: none
};

/// Decides at the start which model's vectors serve each collection: those that there are more of, if that
/// model can be had. Says it in the log where that is not the configured one. Reads nothing more than the
/// list of spaces where all vectors are the configured model's. Errors: those of the inventory.
base::Awaitable<base::Result<InitialChoice>> choose_serving_models(const base::RequestContext& context,
                                                                   stores::VectorInventory& inventory,
                                                                   ServingModels& models);

}  // namespace caprock::rag
