#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/context.h"
#include "base/secret.h"
#include "server/keys/master_key.h"
#include "stores/key_store.h"

namespace caprock::server {

/// The issued keys that are good now, in memory: the way of a request asks no store. Any thread.
class KeyRing {
 public:
  struct Pair {
    std::optional<base::Secret> secret;  ///< nothing when the master key does not open it
    base::Principal principal;
  };
  /// Immutable; whoever looked keeps what it saw.
  struct Keys {
    std::map<base::Sha256Digest, base::Principal> by_hash;
    std::map<std::string, Pair, std::less<>> by_access_key;
    std::size_t issued = 0;      ///< revoked ones too
    std::size_t unreadable = 0;  ///< good API keys whose pair does not open
  };

  std::shared_ptr<const Keys> keys() const;
  void replace(const std::vector<stores::IssuedKey>& records, const MasterKey* master);

 private:
  mutable std::mutex mutex_;  ///< held for the copy of a pointer
  std::shared_ptr<const Keys> keys_ = std::make_shared<const Keys>();
};

/// Which secret is sealed: bound into it, so that a row of the store cannot lend its secret to another.
std::string seal_label(const base::TenantId& tenant, const std::string& key_id);

}  // namespace caprock::server
