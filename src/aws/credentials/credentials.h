#pragma once

#include <optional>
#include <string>
#include <utility>

#include "base/awaitable.h"
#include "base/clock.h"
#include "base/context.h"
#include "base/secret.h"

namespace caprock::aws {

/// What a request to AWS is signed with, or the bearer token that is sent instead.
struct Credentials {
  std::string access_key_id;
  base::Secret secret_access_key;
  base::Secret session_token;             ///< empty for keys that do not end
  base::Secret bearer_token;              ///< when set, nothing is signed and the fields above are empty
  std::optional<base::WallTime> expires;  ///< the hard end; nothing when the source names none
  bool fixed = false;                     ///< the source cannot give anything else while the process runs
  std::string account_id;                 ///< twelve digits, where the source tells it
  std::string source;                     ///< for people: "environment", "profile 'dev', then role 'reader'"

  bool is_bearer() const { return !bearer_token.empty(); }
};

/// Whether two fetches gave the same thing, whatever they say about its end.
bool same_secret(const Credentials& a, const Credentials& b);

/// What a source gave: credentials, or the reason why it has none to give. That is not an error: it says
/// "not configured here", and the next source is asked. The reason holds names of variables and settings
/// only, never a value.
class Fetched {
 public:
  Fetched() = default;  ///< nothing, for no reason given
  static Fetched some(Credentials credentials) { return {std::move(credentials), {}}; }
  static Fetched nothing(std::string because) { return {std::nullopt, std::move(because)}; }
  explicit operator bool() const { return credentials_.has_value(); }
  Credentials& operator*() { return *credentials_; }
  const Credentials& operator*() const { return *credentials_; }
  Credentials* operator->() { return &*credentials_; }
  const std::string& because() const { return because_; }

 private:
  Fetched(std::optional<Credentials> credentials, std::string because)
      : credentials_(std::move(credentials)), because_(std::move(because)) {}
  std::optional<Credentials> credentials_;
  std::string because_;
};

/// One place that credentials come from. A fetch asks the place anew (files are read again, services called
/// again): keeping is `CachedCredentials`' matter. One fetch at a time.
class CredentialProvider {
 public:
  virtual ~CredentialProvider() = default;
  /// For people, constant: "environment", "container".
  virtual std::string name() const = 0;
  /// Credentials, nothing, or an error: the place is configured and does not work, and nobody else is asked
  /// then, for another identity in its stead would be a surprise. Errors: kInvalidArgument (the configuration
  /// is wrong; field names the variable or key), kUpstream (refused, or not understood), kUnavailable (may
  /// work later), kCancelled, kDeadlineExceeded.
  virtual base::Awaitable<base::Result<Fetched>> fetch(const base::RequestContext& context) = 0;
};

}  // namespace caprock::aws
