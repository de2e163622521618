#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/awaitable.h"
#include "base/context.h"
#include "base/secret.h"
#include "server/exchange.h"
#include "server/settings.h"

namespace caprock::server {

/// One way to say who is calling. Thread safe.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  /// The principal; nothing when these credentials are of another kind; kUnauthenticated when they are of
  /// this kind and wrong. May read the body to check a signature over it, and then puts another reader in its
  /// place.
  virtual base::Awaitable<base::Result<std::optional<base::Principal>>> authenticate(Request& request) = 0;
};

/// Keys that come as `Authorization: Bearer KEY` or `x-api-key: KEY`. Kept as SHA-256, compared in constant
/// time over all of them.
class KeyAuthenticator final : public Authenticator {
 public:
  void add(const base::Secret& key, base::Principal principal);
  bool empty() const { return keys_.empty(); }
  base::Awaitable<base::Result<std::optional<base::Principal>>> authenticate(Request& request) override;

 private:
  struct Key {
    std::array<std::uint8_t, 32> digest;
    base::Principal principal;
  };
  std::vector<Key> keys_;
};

/// What a request presents as `Authorization: Bearer KEY` or `x-api-key: KEY`; empty when neither.
std::string_view presented_key(const Request& request);

/// Who owns this machine's data folder: the command line in process, and anybody on loopback without keys.
base::Principal local_owner();

/// The chain of authenticators and what a route's auth class demands. Immutable, any thread.
class Auth {
 public:
  /// `owner_token`: one more accepted key, that of the data folder's lock file; empty for none.
  Auth(const Settings& settings, const base::Secret& owner_token);
  /// Goes before the keys, in the order of the calls. Only before the first request.
  void add(std::unique_ptr<Authenticator> authenticator);
  /// A server that is open stays so only while this says that no key was issued. Only before the first
  /// request; any thread may ask it.
  void close_when(std::function<bool()> keys_were_issued) { closed_ = std::move(keys_were_issued); }
  /// Anybody may call: on loopback, while there is no key.
  bool open() const { return open_ && !(closed_ && closed_()); }

  /// Errors: kUnauthenticated, kPermissionDenied, or those of an authenticator.
  base::Awaitable<base::Result<base::Principal>> authorize(AuthClass required, Request& request) const;

 private:
  std::vector<std::unique_ptr<Authenticator>> chain_;
  bool open_;  ///< loopback, and no key is configured
  std::function<bool()> closed_;
};

}  // namespace caprock::server
