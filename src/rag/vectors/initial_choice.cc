#include "rag/vectors/initial_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/log.h"

namespace caprock::rag {
namespace {

using base::Awaitable;
using base::RequestContext;
using base::Result;
using stores::CollectionKey;
using stores::SpaceKey;

struct Counted {
  std::uint64_t vectors = 0;
  std::string fingerprint;
};

void say(const RequestContext& context, const CollectionKey& collection, const Counted& stored,
         const Counted& made, const std::string& meanwhile) {
  base::log(
      context, base::LogLevel::kWarn,
      "the embedding model is another than the one the stored vectors were made with; they are made anew "
      "in the background",
      {{"collection", collection.collection},
       {"stored", stored.fingerprint},
       {"stored_vectors", stored.vectors},
       {"configured", made.fingerprint},
       {"configured_vectors", made.vectors},
       {"meanwhile", meanwhile.empty() ? "words, for the old model is not available here" : meanwhile}});
}

// As many of the configured model: a crash cut the removal of the others off, or all are there.
Awaitable<Result<void>> choose_for(const RequestContext& context, stores::VectorInventory& inventory,
                                   ServingModels& models, CollectionKey collection,
                                   std::vector<std::string> others, InitialChoice& choice) {
  const llm::EmbedderInfo model = models.configured().info();
  Counted own{.vectors = 0, .fingerprint = model.fingerprint};
  CAPROCK_CO_TRY(own.vectors, co_await inventory.count(context, {collection, own.fingerprint}));
  std::vector<Counted> larger;
  for (std::string& other : others) {
    CAPROCK_CO_TRY(const std::uint64_t count, co_await inventory.count(context, {collection, other}));
    if (count > own.vectors) larger.push_back({count, std::move(other)});
  }
  if (larger.empty()) co_return Result<void>();
  std::ranges::sort(larger, std::greater<>(), &Counted::vectors);
  const bool found = std::ranges::any_of(
      larger, [&](const Counted& one) { return models.serve_earlier(collection, one.fingerprint); });
  const std::string earlier = found ? models.choose(collection).front().embedder->info().name : "";
  models.set_gap(collection,
                 fmt::format("the vectors of this collection are being made anew with {}", model.name));
  say(context, collection, larger.front(), own, earlier);
  choice.behind += larger.front().vectors - own.vectors;
  if (found) choice.earlier = earlier;
  co_return Result<void>();
}

}  // namespace

Awaitable<Result<InitialChoice>> choose_serving_models(const RequestContext& context,
                                                       stores::VectorInventory& inventory,
                                                       ServingModels& models) {
  const std::string configured = models.configured().info().fingerprint;
  CAPROCK_CO_TRY(const auto spaces, co_await inventory.spaces(context));
  std::map<CollectionKey, std::vector<std::string>> others;
  for (const SpaceKey& space : spaces)
    if (space.fingerprint != configured) others[space.collection].push_back(space.fingerprint);
  InitialChoice choice;
  for (auto& [collection, fingerprints] : others) {
    RequestContext own = context;
    own.principal.tenant = collection.tenant;
    CAPROCK_CO_CHECK(
        co_await choose_for(own, inventory, models, collection, std::move(fingerprints), choice));
  }
  co_return choice;
}

}  // namespace caprock::rag
