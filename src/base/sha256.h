#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace caprock::base {

using Sha256Digest = std::array<std::uint8_t, 32>;

/// SHA-256 (FIPS 180-4) of `bytes`. Never fails, any thread.
Sha256Digest sha256(std::string_view bytes);
/// The same as 64 lower-case hex digits.
std::string sha256_hex(std::string_view bytes);
/// A digest as 64 lower-case hex digits, into memory of the caller.
void write_hex(const Sha256Digest& digest, std::span<char, 64> out);

/// SHA-256 of bytes that come in pieces. Allocates nothing; one thread at a time.
class Sha256 {
 public:
  Sha256();
  Sha256& update(std::string_view bytes);
  /// The digest of everything so far; the object is of no use afterwards.
  Sha256Digest finish();

 private:
  friend class HmacSha256Key;
  alignas(8) std::array<std::byte, 112> state_;  ///< OpenSSL's SHA256_CTX
};

/// A key of HMAC-SHA-256 (RFC 2104) whose two blocks are hashed once, so that a message costs only its own
/// blocks. Allocates nothing; its memory is wiped on destruction. Immutable after construction: any thread.
class HmacSha256Key {
 public:
  explicit HmacSha256Key(std::string_view key);
  explicit HmacSha256Key(const Sha256Digest& key);
  HmacSha256Key(const HmacSha256Key&) = default;
  HmacSha256Key& operator=(const HmacSha256Key&) = default;
  ~HmacSha256Key();
  Sha256Digest mac(std::string_view message) const;

 private:
  Sha256 inner_;
  Sha256 outer_;
};

}  // namespace caprock::base
