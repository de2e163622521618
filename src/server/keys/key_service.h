#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/awaitable.h"
#include "base/clock.h"
#include "server/keys/key_ring.h"
#include "server/keys/master_key.h"
#include "stores/key_store.h"

namespace caprock::server {

/// A key as it is shown, this once.
struct NewKey {
  stores::IssuedKey record;
  base::Secret api_key;
  base::Secret secret_access_key;
};

/// Issues, lists and revokes keys of callers. A change holds for requests that come after the call returned.
/// Thread safe. Errors besides the store's: below.
class KeyService {
 public:
  struct Parts {
    stores::KeyStore& store;
    KeyRing& ring;
    const base::Clock& clock;
    std::filesystem::path data_folder;
    const KeySettings& settings;
  };
  explicit KeyService(Parts parts);

  /// Reads the master key and the keys. At start, before the first request. Errors: those of MasterKey.
  base::Awaitable<base::Result<void>> load(base::RequestContext context);

  /// In the context's tenant. kConflict when secrets of other keys are sealed by a master key that is not
  /// here: another one would make it harder to find out.
  base::Awaitable<base::Result<NewKey>> create(const base::RequestContext& context, std::string name,
                                               std::vector<std::string> roles);
  base::Awaitable<base::Result<stores::Page<stores::IssuedKey>>> list(const base::RequestContext& context,
                                                                      stores::PageRequest page);
  base::Awaitable<base::Result<stores::IssuedKey>> revoke(const base::RequestContext& context,
                                                          std::string id);

 private:
  base::Result<MasterKey> master_for_sealing();
  base::Awaitable<base::Result<void>> refresh(const base::RequestContext& context);

  Parts parts_;
  mutable std::mutex mutex_;
  std::optional<MasterKey> master_;
  std::uint64_t changes_ = 0;  ///< refreshes that were begun
  std::uint64_t shown_ = 0;    ///< the one that the ring shows
};

}  // namespace caprock::server
