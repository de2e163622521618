#pragma once

#include <cstdint>

#include "aws/sigv4_verify.h"
#include "base/clock.h"
#include "server/auth.h"
#include "server/body_memory.h"
#include "server/keys/key_ring.h"

namespace caprock::server {

/// Callers with an issued key: its API key as `Authorization: Bearer` or `x-api-key`, or a SigV4 signature by
/// its pair. A signed body is read and hashed here whatever the client says of it, for stock SDKs say
/// nothing; that of an unknown pair is hashed and dropped. An unknown API key is left to those who come
/// after; everything wrong with a signature is one kUnauthenticated.
class IssuedKeyAuthenticator final : public Authenticator {
 public:
  struct Limits {
    std::uint64_t body = 25'000'000;     ///< bytes of one signed body, which is held in memory
    std::uint64_t memory = 300'000'000;  ///< of all of them, until their requests end; above it kUnavailable
  };
  IssuedKeyAuthenticator(const KeyRing& ring, const base::Clock& clock, Limits limits)
      : ring_(ring), clock_(clock), body_limit_(limits.body), memory_(limits.memory) {}
  base::Awaitable<base::Result<std::optional<base::Principal>>> authenticate(Request& request) override;

 private:
  base::Awaitable<base::Result<std::optional<base::Principal>>> check_signature(Request& request);

  const KeyRing& ring_;
  const base::Clock& clock_;
  const std::uint64_t body_limit_;
  BodyMemory memory_;
  aws::SignatureVerifier verifier_;
};

}  // namespace caprock::server
