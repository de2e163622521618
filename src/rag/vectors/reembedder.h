#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/awaitable.h"
#include "base/metrics.h"
#include "rag/vectors/serving_models.h"
#include "stores/chunk_store.h"
#include "stores/document_store.h"
#include "stores/search_index.h"
#include "stores/vector_inventory.h"

namespace caprock::rag {

/// How far the vectors of the configured model are, over all collections.
struct VectorProgress {
  std::uint64_t total = 0;  ///< passages that lacked a vector when this round began
  std::uint64_t done = 0;   ///< of them that have one now, or are gone
  std::string earlier;      ///< the model that serves meanwhile somewhere (for people), or empty
  std::string trouble;      ///< why it does not go on, or empty
  bool active() const { return done < total; }
};

/// Gives every visible passage a vector of the configured model: after the model was changed, and after it
/// was out while documents came in. A collection whose vectors are complete goes over to them in one step,
/// and the vectors of other models are removed.
///
/// Nothing but the vectors themselves is kept of its progress: what is missing is found by looking, so a
/// restart goes on where the last put was. Thread safe, but for start and stop.
class Reembedder {
 public:
  struct Parts {
    stores::DocumentStore& documents;
    stores::ChunkStore& chunks;
    stores::VectorIndex& vectors;
    stores::VectorInventory& inventory;
    ServingModels& models;
    base::MetricRegistry& metrics;
  };
  struct Pace {
    /// Commands that work alone on a data folder are done before.
    std::chrono::milliseconds first_look{2'000};
    /// After trouble.
    std::chrono::milliseconds retry{30'000};
  };
  explicit Reembedder(Parts parts) : Reembedder(parts, Pace()) {}
  Reembedder(Parts parts, Pace pace);
  ~Reembedder();

  /// Decides which model's vectors serve each collection for now: those that there are more of. Before the
  /// first query; says it when the model was changed. Never fails: what cannot be read is logged.
  base::Awaitable<void> prepare();

  /// Works on `executor`, which must be single-threaded; `stop()` gives up the texts that are being embedded,
  /// and waits.
  void start(boost::asio::any_io_executor executor);
  base::Awaitable<void> stop();

  /// The model whose vectors serve the collection instead of the configured one's: null in general. What
  /// comes in meanwhile gets a vector of each, or it would be found by its words alone. Whoever holds it may
  /// put its vectors: they are removed only after it was let go.
  std::shared_ptr<llm::Embedder> earlier_model(const stores::CollectionKey& collection) const;
  /// Passages were stored without vectors.
  void look_again();
  /// Whether vectors of this version are being made right now: who removes a version's content must wait, or
  /// it would leave vectors behind that nobody knows of.
  bool is_in_work(const stores::DocumentId& document, std::uint32_t version) const;
  VectorProgress progress() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace caprock::rag
