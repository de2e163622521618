#pragma once

#include "stores/key_store.h"
#include "stores/sqlite/database.h"

namespace caprock::stores {

/// KeyStore over SQLite.
class SqliteKeyStore final : public KeyStore {
 public:
  explicit SqliteKeyStore(Database& db) : db_(db) {}
  base::Awaitable<base::Result<void>> add(const base::RequestContext& context, IssuedKey key) override;
  base::Awaitable<base::Result<IssuedKey>> revoke(const base::RequestContext& context, std::string id,
                                                  base::WallTime at) override;
  base::Awaitable<base::Result<Page<IssuedKey>>> list(const base::RequestContext& context,
                                                      PageRequest page) override;
  base::Awaitable<base::Result<std::vector<IssuedKey>>> all(const base::RequestContext& context) override;

 private:
  Database& db_;
};

}  // namespace caprock::stores
