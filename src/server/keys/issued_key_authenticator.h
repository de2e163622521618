#pragma once

#include <cstdint>

#include "aws/sigv4_verify.h"
#include "base/clock.h"
#include "server/auth.h"
#include "server/keys/key_ring.h"

namespace caprock::server {

/// Callers with an issued key: its API key as `Authorization: Bearer` or `x-api-key`, or a SigV4 signature by
/// its pair. A signed body is read and hashed here whatever the client says of it, for stock SDKs say
/// nothing; that of an unknown pair is hashed and dropped. An unknown API key is left to those who come
/// after; everything wrong with a signature is one kUnauthenticated.
class IssuedKeyAuthenticator final : public Authenticator {
 public:
  /// `body_limit`: most bytes of a signed body, which is held in memory.
  IssuedKeyAuthenticator(const KeyRing& ring, const base::Clock& clock, std::uint64_t body_limit)
      : ring_(ring), clock_(clock), body_limit_(body_limit) {}
  base::Awaitable<base::Result<std::optional<base::Principal>>> authenticate(Request& request) override;

 private:
  base::Awaitable<base::Result<std::optional<base::Principal>>> check_signature(Request& request);

  const KeyRing& ring_;
  const base::Clock& clock_;
  std::uint64_t body_limit_;
  aws::SignatureVerifier verifier_;
};

}  // namespace caprock::server
