#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <optional>
#include <string>

#include "aws/credentials/credentials.h"
#include "aws/credentials/refresh_policy.h"
#include "base/metrics.h"

namespace caprock::aws {

/// What an operator may know about one account's credentials: no secrets.
struct CredentialStatus {
  std::string source;  ///< empty: none yet
  std::string access_key_id;
  std::optional<base::WallTime> expires;
  std::optional<base::Error> last_error;  ///< of the last fetch, if it failed
};

/// One identity, kept fresh: one fetch at a time for any number of callers on any loops, in the background
/// well before the end. Credentials whose renewal fails are handed out until their hard end. Only a caller
/// that finds none usable waits, without blocking its loop. Idle identities are not renewed until somebody
/// asks. Thread safe. Providers run on `home`, a single-threaded executor; before what they work with goes,
/// `close()` has to have returned, or `home` has to have ended.
class CachedCredentials {
 public:
  using Pointer = std::shared_ptr<const Credentials>;

  /// `name` is the account's, in logs and metrics: from a bounded set.
  CachedCredentials(std::string name, std::unique_ptr<CredentialProvider> provider, RefreshSettings settings,
                    const base::Clock& clock, boost::asio::any_io_executor home,
                    base::MetricRegistry& metrics = base::null_metrics());
  ~CachedCredentials();
  CachedCredentials(const CachedCredentials&) = delete;
  CachedCredentials& operator=(const CachedCredentials&) = delete;

  /// Usable credentials at once, or null: then `get` has to be awaited.
  Pointer usable();
  /// Errors: that of the last fetch (a failing source is not asked again for some seconds), kUnavailable when
  /// no source has any, which says what was tried; kCancelled, kDeadlineExceeded.
  base::Awaitable<base::Result<Pointer>> get(const base::RequestContext& context);
  /// AWS refused what `get` gave (expired, revoked, rotated): the next `get` waits for a new fetch. At most
  /// one fetch in `reject_interval` comes of this, whatever is refused.
  void reject(const Credentials& refused);
  CredentialStatus status() const;

  /// Ends the background work. On any loop but a blocked `home`.
  base::Awaitable<void> close();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// Lends a cached identity to a provider that needs one (assume-role), so that several roles share one fetch.
/// The cache must outlive it.
std::unique_ptr<CredentialProvider> lent(CachedCredentials& from);

}  // namespace caprock::aws
