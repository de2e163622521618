#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/awaitable.h"
#include "base/context.h"
#include "base/sha256.h"
#include "stores/types.h"

namespace caprock::stores {

/// What is kept of a key that was issued to a caller. Neither key can be read out of it: the API key is only
/// a hash, the SigV4 secret is sealed by whoever made the record.
struct IssuedKey {
  base::TenantId tenant{"default"};
  std::string id;
  std::string name;  ///< for people; need not be unique
  std::vector<std::string> roles;
  base::Sha256Digest api_key_sha256{};
  std::string access_key_id;
  std::string sealed_secret;
  base::WallTime created_at;
  std::optional<base::WallTime> revoked_at;
};

/// Issued keys. A revoked key stays as a record. Thread safe; durable when a call returns; errors as of
/// DocumentStore.
class KeyStore {
 public:
  virtual ~KeyStore() = default;
  /// The key's tenant is that of the context. kConflict when its id or access key id exists.
  virtual base::Awaitable<base::Result<void>> add(const base::RequestContext& context, IssuedKey key) = 0;
  /// Gives the record as it is now; one that was revoked before is unchanged. kNotFound in this tenant.
  virtual base::Awaitable<base::Result<IssuedKey>> revoke(const base::RequestContext& context, std::string id,
                                                          base::WallTime at) = 0;
  /// The context's tenant's, oldest first.
  virtual base::Awaitable<base::Result<Page<IssuedKey>>> list(const base::RequestContext& context,
                                                              PageRequest page) = 0;
  /// Those of every tenant, revoked ones too: for the process, which knows no tenant before it knows the key.
  virtual base::Awaitable<base::Result<std::vector<IssuedKey>>> all(const base::RequestContext& context) = 0;
};

}  // namespace caprock::stores
