#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/blocking_pool.h"
#include "stores/blob_store.h"
#include "stores/sqlite/database.h"

namespace caprock::stores {

/// BlobStore in a folder: a file a blob, named by its key. Blobs up to 64 KiB go into the database instead,
/// where thousands a second share one fsync; a row takes precedence over a file of the same key, so that
/// replacing one by the other is one step too. The database needs the tables of record_tables().
class FsBlobStore final : public BlobStore {
 public:
  static constexpr std::size_t kSmall = 64UL << 10;

  /// Makes the folder when it is not there and removes what a crash left half written. Blocks.
  static base::Result<std::unique_ptr<FsBlobStore>> open(std::filesystem::path folder, Database& db,
                                                         base::BlockingPool& pool);

  base::Awaitable<base::Result<void>> put(const base::RequestContext& context, std::string key,
                                          std::string bytes) override;
  base::Awaitable<base::Result<std::string>> get(const base::RequestContext& context,
                                                 std::string key) override;
  base::Awaitable<base::Result<void>> remove(const base::RequestContext& context, std::string key) override;

  /// Removes the blobs whose key begins with `prefix` ("default/originals/"), is not in `referenced`, and
  /// that were there when the store was opened: uploads that a crash cut off before their document was
  /// accepted. Says how many. Blocks; may run beside everything else.
  base::Result<std::size_t> remove_orphans(const std::string& prefix,
                                           const std::unordered_set<std::string>& referenced);

 private:
  FsBlobStore(std::filesystem::path folder, Database& db, base::BlockingPool& pool, std::int64_t last_row);
  base::Awaitable<base::Result<void>> put_row(const base::RequestContext& context, const std::string& key,
                                              const std::string& bytes);
  base::Awaitable<base::Result<void>> put_file(const base::RequestContext& context, const std::string& key,
                                               const std::string& bytes);
  base::Result<std::size_t> remove_orphan_rows(const std::string& prefix,
                                               const std::unordered_set<std::string>& referenced);
  base::Result<std::size_t> remove_orphan_files(const std::string& prefix,
                                                const std::unordered_set<std::string>& referenced);

  std::filesystem::path folder_;
  std::filesystem::path scratch_;
  Database& db_;
  base::BlockingPool& pool_;
  std::int64_t last_row_;  ///< at opening
  std::filesystem::file_time_type opened_;
};

/// `/`-separated segments of [A-Za-z0-9._-], the first being the tenant; no segment begins with a dot.
/// kInvalidArgument.
base::Result<void> check_blob_key(std::string_view key);

}  // namespace caprock::stores
