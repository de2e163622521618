#pragma once

#include <filesystem>
#include <vector>

#include "gateway/embed_gateway.h"
#include "server/surfaces/rest/rest_parts.h"

namespace caprock::app {

/// What /ready tells: the data folder with the room on its disk, and the embedding model. Any thread.
class Readiness {
 public:
  explicit Readiness(std::filesystem::path data_folder) : folder_(std::move(data_folder)) {}
  /// `embedder` is null where the settings say that there is none.
  std::vector<server::Dependency> look(const gateway::EmbedGateway* embedder) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace caprock::app
