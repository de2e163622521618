#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "gateway/embed_gateway.h"
#include "gateway/pricing/prices.h"
#include "rag/vectors/reembedder.h"
#include "server/keys/key_ring.h"
#include "server/surfaces/rest/rest_parts.h"
#include "stores/usage_ledger.h"

namespace caprock::app {

/// What /ready tells: the data folder with the room on its disk, the embedding model, and whether all
/// passages have vectors of it. Any thread.
class Readiness {
 public:
  explicit Readiness(std::filesystem::path data_folder) : folder_(std::move(data_folder)) {}
  /// `embedder` and `reembedder` are null where the settings say that there is no model.
  /// `answer_model`: why the configured one cannot be asked, empty when it can, nothing when there is none.
  std::vector<server::Dependency> look(const gateway::EmbedGateway* embedder,
                                       const rag::Reembedder* reembedder,
                                       const std::optional<std::string>& answer_model) const;

 private:
  std::filesystem::path folder_;
};

/// Which prices are in force, and why somebody should look at them.
server::Dependency look_at_prices(const gateway::Prices& prices);

/// Whether calls can be accounted for.
server::Dependency look_at_ledger(const stores::UsageLedger& ledger);

/// Who may call, and whether every issued key can be checked. `open`: anybody may.
server::Dependency look_at_keys(bool open, const server::KeyRing::Keys& keys);

}  // namespace caprock::app
