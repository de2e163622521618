#pragma once

#include <condition_variable>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/blocking_pool.h"
#include "stores/search_index.h"
#include "stores/sqlite/database.h"
#include "stores/vector/embedded/vector_settings.h"
#include "stores/vector/embedded/vector_space.h"
#include "stores/vector/embedded/vector_table.h"
#include "stores/vector_inventory.h"

namespace caprock::stores {

/// VectorIndex in this process. Vectors are rows of the database, which needs vector_tables(); a space is
/// read into memory when it is first searched. Above `exact_below` vectors a background thread keeps an HNSW
/// graph, whose file in `folder` is a cache. Searches run on `pool`.
class EmbeddedVectorIndex final : public VectorIndex, public VectorInventory {
 public:
  EmbeddedVectorIndex(Database& db, base::BlockingPool& pool, std::filesystem::path folder,
                      VectorSettings settings = {});
  /// Writes the graphs that changed. No call may be under way.
  ~EmbeddedVectorIndex() override;

  IndexCapabilities capabilities() const override { return {}; }
  /// Waits a moment for vectors that a thread of its own reads, which is enough for some 100,000.
  base::Awaitable<base::Result<bool>> ready(const base::RequestContext& context, CollectionKey collection,
                                            std::string fingerprint) override;
  base::Awaitable<base::Result<void>> put(const base::RequestContext& context, CollectionKey collection,
                                          std::string fingerprint,
                                          std::vector<VectorRecord> records) override;
  base::Awaitable<base::Result<std::vector<IndexHit>>> search(const base::RequestContext& context,
                                                              CollectionKey collection,
                                                              std::string fingerprint,
                                                              VectorQuery query) override;
  base::Awaitable<base::Result<std::vector<float>>> fetch(const base::RequestContext& context,
                                                          CollectionKey collection, std::string fingerprint,
                                                          std::vector<float> vector,
                                                          std::vector<ChunkKey> keys) override;
  base::Awaitable<base::Result<void>> remove(const base::RequestContext& context, CollectionKey collection,
                                             DocumentId document, std::uint32_t version) override;

  base::Awaitable<base::Result<std::vector<SpaceKey>>> spaces(const base::RequestContext& context) override;
  base::Awaitable<base::Result<std::uint64_t>> count(const base::RequestContext& context,
                                                     SpaceKey space) override;
  base::Awaitable<base::Result<std::vector<std::uint32_t>>> counts(
      const base::RequestContext& context, SpaceKey space, std::vector<DocumentVersion> versions) override;
  base::Awaitable<base::Result<std::vector<std::uint32_t>>> held(const base::RequestContext& context,
                                                                 SpaceKey space,
                                                                 DocumentVersion version) override;
  base::Awaitable<base::Result<void>> drop(const base::RequestContext& context, SpaceKey space) override;

  /// Reads every space into memory, so that the first search need not. Blocks.
  base::Result<void> warm_up();
  /// Waits until every loaded space has its graph complete. Blocks; for tests and measurements.
  void wait_until_linked();

 private:
  using Space = std::shared_ptr<VectorSpace>;
  base::Result<Space> registered_space(const SpaceKey& key);
  base::Result<Space> loaded_space(const SpaceKey& key);
  base::Result<bool> wait_until_loaded(const SpaceKey& key);
  void load_wanted();
  Space known_space(const SpaceKey& key);
  std::vector<Space> spaces_of(const CollectionKey& collection);
  std::vector<std::pair<SpaceKey, Space>> all_spaces();
  std::filesystem::path graph_file(std::int64_t space) const;
  void forget(const std::vector<std::int64_t>& spaces);
  void wake();
  void maintain_until_stopped();
  bool maintain_all();

  Database& db_;
  base::BlockingPool& pool_;
  std::filesystem::path folder_;
  VectorSettings settings_;
  std::mutex mutex_;
  std::map<SpaceKey, Space> spaces_;
  std::map<SpaceKey, base::MonoTime> wanted_;   ///< to be read by the maintenance thread, and since when
  std::map<SpaceKey, base::Error> unreadable_;  ///< why reading failed the last time
  std::condition_variable changed_;
  std::condition_variable idle_;
  std::condition_variable loaded_;  ///< wanted_ has shrunk
  bool work_ = false;               ///< something may have to be linked
  bool busy_ = false;               ///< the maintenance thread is at it
  bool stopping_ = false;
  std::thread maintenance_;  ///< last: it uses everything above
};

}  // namespace caprock::stores
