#include "server/keys/key_ring.h"

namespace caprock::server {
namespace {

base::Principal owner_of(const stores::IssuedKey& key) {
  base::Principal principal;
  principal.tenant = key.tenant;
  principal.user = "key-" + key.id;
  principal.key_id = key.id;
  principal.roles = key.roles;
  return principal;
}

}  // namespace

std::string seal_label(const base::TenantId& tenant, const std::string& key_id) {
  return "caprock sigv4 secret\n" + tenant.str() + "\n" + key_id;
}

std::shared_ptr<const KeyRing::Keys> KeyRing::keys() const {
  const std::lock_guard lock(mutex_);
  return keys_;
}

void KeyRing::replace(const std::vector<stores::IssuedKey>& records, const MasterKey* master) {
  auto made = std::make_shared<Keys>();
  made->issued = records.size();
  for (const stores::IssuedKey& record : records) {
    if (record.revoked_at) continue;
    const base::Principal owner = owner_of(record);
    made->by_hash.emplace(record.api_key_sha256, owner);
    Pair pair{.secret = std::nullopt, .principal = owner};
    if (master != nullptr)
      pair.secret = master->open(record.sealed_secret, seal_label(record.tenant, record.id));
    if (!pair.secret) ++made->unreadable;
    made->by_access_key.emplace(record.access_key_id, std::move(pair));
  }
  const std::lock_guard lock(mutex_);
  keys_ = std::move(made);
}

}  // namespace caprock::server
