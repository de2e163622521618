#pragma once

#include <filesystem>
#include <memory>
#include <thread>

#include "base/blocking_pool.h"
#include "stores/search_index.h"
#include "stores/sqlite/database.h"
#include "stores/sqlite/schema.h"

namespace caprock::stores {

/// The tables of the text index, for Database::open.
SchemaPart text_index_tables();

/// The embedded BM25 index: one index a tenant and collection. What is written is durable in SQLite's log of
/// new documents; a background thread moves it into immutable segment files in `folder` and merges them
/// (README.md).
class EmbeddedTextIndex final : public TextIndex {
 public:
  struct Settings {
    std::uint32_t flush_chunks = 4096;  ///< of a collection in memory before they become a segment
    std::uint32_t fan_in = 8;           ///< segments of a level that are merged into one of the next
    std::uint32_t max_level = 2;  ///< segments of this level are not merged: bounds the memory of a merge
    /// A question over as many passages is scored by several threads; two hand-overs cost what scoring some
    /// 20,000 does.
    std::uint32_t divide_from = 100'000;
    std::size_t threads = std::max(1U, std::thread::hardware_concurrency());  ///< for one question
  };
  /// Makes the folder when it is not there and removes files in it that no row names. `pool` runs analysis
  /// and search; it and `database` outlive the index. Blocks. kUnavailable, kOutOfSpace, kInternal.
  static base::Result<std::unique_ptr<EmbeddedTextIndex>> open(Database& database, base::BlockingPool& pool,
                                                               std::filesystem::path folder,
                                                               Settings settings);
  static base::Result<std::unique_ptr<EmbeddedTextIndex>> open(Database& database, base::BlockingPool& pool,
                                                               std::filesystem::path folder) {
    return open(database, pool, std::move(folder), Settings());
  }
  ~EmbeddedTextIndex() override;

  IndexCapabilities capabilities() const override;
  base::Awaitable<base::Result<void>> put(const base::RequestContext& context, CollectionKey collection,
                                          std::vector<TextRecord> records) override;
  base::Awaitable<base::Result<std::vector<IndexHit>>> search(const base::RequestContext& context,
                                                              CollectionKey collection,
                                                              TextQuery query) override;
  base::Awaitable<base::Result<void>> remove(const base::RequestContext& context, CollectionKey collection,
                                             DocumentId document, std::uint32_t version) override;

  /// Moves everything in memory into segments and drops the dead from them, now. Blocks; for tests, tools and
  /// after large deletions.
  base::Result<void> compact();

 private:
  struct State;
  explicit EmbeddedTextIndex(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace caprock::stores
