#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "llm/model_catalog.h"
#include "server/exchange.h"

namespace caprock::server::anthropic {

/// Which part of the list is asked for.
struct Page {
  std::size_t limit = 20;  ///< 1 to 1000
  std::string after;       ///< an id, or empty
  std::string before;
};

/// From `limit`, `after_id` and `before_id` of the query. kInvalidArgument with the parameter.
base::Result<Page> read_page(const Request& request);

/// The models that converse, JSON text. kNotFound for an after_id or before_id that is not among them.
/// https://docs.claude.com/en/api/models-list
base::Result<std::string> model_list(const std::vector<llm::ModelInfo>& models, const Page& page);
std::string one_model(const llm::ModelInfo& model);

}  // namespace caprock::server::anthropic
