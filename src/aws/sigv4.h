#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/result.h"
#include "base/sha256.h"

/// AWS Signature Version 4 in the Authorization header.
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
namespace caprock::aws {

using HeaderView = std::pair<std::string_view, std::string_view>;  ///< name in any case, value

/// What a canonical request says about the body: its SHA-256, or that it is not covered.
class PayloadHash {
 public:
  static PayloadHash of(std::string_view body);
  static PayloadHash of_digest(const base::Sha256Digest& digest);
  /// "UNSIGNED-PAYLOAD": for services that allow it (S3 over TLS), never for Bedrock.
  static PayloadHash not_signed();
  std::string_view text() const { return {text_.data(), size_}; }

 private:
  std::array<char, 64> text_{};
  std::size_t size_ = 0;
};

/// How the path becomes canonical. `kTwice`: encoded once more as it stands, dot segments and empty ones
/// removed; every service but S3. `kOnce`: as it stands.
enum class PathEncoding : std::uint8_t { kTwice, kOnce };

/// A request as it stands on the wire. All views belong to the caller and live as long as the call.
struct SigningRequest {
  std::string_view method;  ///< upper case
  std::string_view host;    ///< the Host header or :authority, with the port where the client wrote one
  std::string_view path;    ///< percent-encoded once, without the query; never decoded here
  std::string_view query;   ///< without '?'
  /// Besides host. When signing: what of these is on the list of never signed headers (hop by hop,
  /// User-Agent, trace ids) or written by the signature itself is left out, so the caller has to remove such
  /// headers of another signer.
  std::span<const HeaderView> headers;
  PayloadHash payload;
  PathEncoding path_encoding = PathEncoding::kTwice;
};

/// Whose signature. The token is empty for long-term keys.
struct SigningKeys {
  std::string_view access_key_id;
  std::string_view secret_access_key;
  std::string_view session_token;
};

/// Where a signature holds: "us-east-1", "bedrock".
struct SigningScope {
  std::string_view region;
  std::string_view service;
};

/// What the caller adds to the request: `authorization`, `x-amz-date`; also `x-amz-security-token` when the
/// keys have a token, and `x-amz-content-sha256` when it asked for that one to be signed. Meant to be used
/// again: its memory is kept from one request to the next.
struct SignatureHeaders {
  std::string authorization;
  std::array<char, 16> date{};
  std::string_view x_amz_date() const { return {date.data(), date.size()}; }
};

class SigningKeyCache;

/// Signs requests. Keys derived for a day, region and service are kept (a fixed number, the memory of each
/// wiped); a request whose derived key is there allocates nothing as long as its canonical form has less than
/// 4 kB. Any thread; one a loop has no contention.
class Signer {
 public:
  explicit Signer(std::size_t cached_keys = 256);
  ~Signer();
  Signer(const Signer&) = delete;
  Signer& operator=(const Signer&) = delete;

  enum class ContentHash : std::uint8_t {
    kImplied,  ///< no header: the service hashes the body itself (Bedrock, STS, DynamoDB …)
    kHeader    ///< `x-amz-content-sha256` is signed; S3 demands it
  };
  /// Never fails: an empty path is "/". `now` is the time as the service has it (see ClockSkew).
  void sign(const SigningRequest& request, const SigningKeys& keys, const SigningScope& scope,
            base::WallTime now, SignatureHeaders& out, ContentHash content_hash = ContentHash::kImplied);

 private:
  std::unique_ptr<SigningKeyCache> cache_;
};

/// "20260102T030405Z".
std::array<char, 16> amz_date(base::WallTime at);

/// `text` with everything but `A-Za-z0-9-._~` percent-encoded: what a label of a path or a name or value of a
/// query is on the wire.
std::string uri_encode(std::string_view text);

}  // namespace caprock::aws
