#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>

#include "aws/sigv4.h"
#include "base/result.h"
#include "base/secret.h"

namespace caprock::aws {

/// What an Authorization header claims; views into that header.
struct SignatureClaim {
  std::string_view access_key_id;
  std::string_view date;  ///< of the scope: "20260102"
  std::string_view region;
  std::string_view service;
  std::string_view signed_headers;  ///< "content-type;host;x-amz-date"
  std::string_view signature;       ///< 64 lower-case hex digits
};

/// Whether an Authorization header is one of SigV4 at all, as opposed to Bearer or Basic.
bool is_sigv4(std::string_view authorization);

/// Reads "AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…". kUnauthenticated, the one opaque
/// error, for anything else. So that the secret can be looked up before the body has come.
base::Result<SignatureClaim> parse_authorization(std::string_view authorization);

/// What a signature must say to be let in here.
struct VerifyRules {
  std::string_view service = "bedrock";
  std::string_view region;           ///< empty: any, clients configure what they like
  std::chrono::seconds window{300};  ///< between x-amz-date and now, either way
};

/// Checks signatures of clients against secrets that Caprock issued. Any thread.
class SignatureVerifier {
 public:
  explicit SignatureVerifier(std::size_t cached_keys = 1024);
  ~SignatureVerifier();
  SignatureVerifier(const SignatureVerifier&) = delete;
  SignatureVerifier& operator=(const SignatureVerifier&) = delete;

  /// `request.headers` are all that were received, in order; `request.payload` is the hash of the body that
  /// came, never what the client says it is. `secret` is null for an id that nobody knows: the work and the
  /// answer are then those of a wrong signature. Checked: the date is within the window and the scope's date
  /// is its day; region and service; `host` (or `:authority`, as AWS's SDK for JavaScript has it over HTTP/2)
  /// is signed; the list of signed headers is sorted, lower case, without repetition and each was received;
  /// `x-amz-content-sha256`, when it is signed, is the payload's; the signature, in constant time. Everything
  /// wrong is the same kUnauthenticated with the same message, and `detail` says to the log which it was.
  /// Allocates nothing when the signature is right, the derived key is known and the canonical request has
  /// less than 4 kB.
  base::Result<void> verify(const SignatureClaim& claim, const SigningRequest& request,
                            const base::Secret* secret, const VerifyRules& rules, base::WallTime now);

 private:
  std::unique_ptr<SigningKeyCache> cache_;
  base::Secret dummy_;  ///< random, in place of the secret of an unknown id
};

}  // namespace caprock::aws
