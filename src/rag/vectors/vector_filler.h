#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/awaitable.h"
#include "llm/embedder.h"
#include "stores/chunk_store.h"
#include "stores/document_store.h"
#include "stores/search_index.h"
#include "stores/vector_inventory.h"

namespace caprock::rag {

/// Makes the vectors that the visible documents of a collection lack, some hundred passages at a time, across
/// documents. Thread safe; one collection at a time.
class VectorFiller {
 public:
  struct Parts {
    stores::DocumentStore& documents;
    stores::ChunkStore& chunks;
    stores::VectorIndex& vectors;
    stores::VectorInventory& inventory;
    llm::Embedder& embedder;
  };
  explicit VectorFiller(Parts parts) : parts_(parts), fingerprint_(parts.embedder.info().fingerprint) {}

  /// Passages that have got their vector, or turned out to be gone.
  struct Made {
    std::uint64_t vectors = 0;
    std::uint64_t gone = 0;
  };
  /// Tells `progress` of every step that is durable. The context is of the collection's tenant. Errors: those
  /// of the stores and of the embedder; what was told of stays.
  base::Awaitable<base::Result<void>> fill(const base::RequestContext& context,
                                           stores::CollectionKey collection,
                                           std::function<void(Made)> progress);

  /// Whether vectors of this version are being made right now: its content must not be removed before they
  /// are stored, or they would stay for ever.
  bool is_in_work(const stores::DocumentId& document, std::uint32_t version) const;

 private:
  struct Window {
    std::vector<stores::ChunkKey> keys;
    std::vector<std::string> texts;
  };
  class Hold;
  struct Run;
  base::Awaitable<base::Result<void>> add(const Run& run, const stores::Document& document, Window& window);
  base::Awaitable<base::Result<void>> flush(const Run& run, Window& window);
  base::Awaitable<base::Result<std::vector<stores::VectorRecord>>> visible_of(const Run& run, Window& window);

  const Parts parts_;
  const std::string fingerprint_;
  mutable std::mutex mutex_;
  std::set<std::pair<stores::DocumentId, std::uint32_t>> in_work_;
};

}  // namespace caprock::rag
