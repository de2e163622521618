#include "aws/sigv4_verify.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>
#include <string>

#include "aws/canonical_request.h"
#include "aws/signing_key_cache.h"
#include "aws/utc_time.h"

namespace caprock::aws {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::size_t kMaxSignedHeaders = 64;  ///< no SDK signs a third of that
constexpr std::size_t kMaxAccessKeyId = 128;   ///< the limit of AWS's own ids

/// What the client reads is the same for every reason. The words are AWS's own, which people search for.
std::unexpected<base::Error> refused(std::string why) {
  return base::failure(
      base::Error(
          base::ErrorKind::kUnauthenticated,
          "The request signature we calculated does not match the signature you provided. Check "
          "your AWS Secret Access Key and signing method. Consult the service documentation for details.")
          .with_detail("SigV4: " + std::move(why)));
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Takes what follows the last '/' off `text`.
std::string_view take_last(std::string_view& text) {
  const auto slash = text.rfind('/');
  if (slash == text.npos) return {};
  const std::string_view last = text.substr(slash + 1);
  text = text.substr(0, slash);
  return last;
}

bool parse_credential(std::string_view text, SignatureClaim& claim) {
  if (take_last(text) != "aws4_request") return false;
  claim.service = take_last(text);
  claim.region = take_last(text);
  claim.date = take_last(text);
  claim.access_key_id = text;
  return !claim.service.empty() && !claim.region.empty() && claim.date.size() == 8 && !text.empty() &&
         text.size() <= kMaxAccessKeyId;
}

bool is_lower_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

/// "20260102T030405Z".
std::optional<base::WallTime> parse_amz_date(std::string_view text) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
  return utc_time({.year = text.substr(0, 4),
                   .month = text.substr(4, 2),
                   .day = text.substr(6, 2),
                   .hour = text.substr(9, 2),
                   .minute = text.substr(11, 2),
                   .second = text.substr(13, 2)});
}

bool has_name(const HeaderView& header, std::string_view name) {
  return header.first.size() == name.size() && compare_names(header.first, name) == 0;
}

/// The value of a header that must be there once.
std::optional<std::string_view> only_value(std::span<const HeaderView> headers, std::string_view name) {
  std::optional<std::string_view> value;
  for (const HeaderView& header : headers) {
    if (!has_name(header, name)) continue;
    if (value) return std::nullopt;
    value = trimmed(header.second);
  }
  return value;
}

/// The host under both names that clients sign it by: AWS's SDK for JavaScript signs ":authority" over
/// HTTP/2.
struct HostHeader {
  explicit HostHeader(std::string_view value) : host("host", value), authority(":authority", value) {}
  HeaderView host;
  HeaderView authority;
};

/// The received headers that the list names, in its order; nothing when the list is not as the rules want it,
/// or names one that did not come.
std::optional<HeaderList> named_headers(std::string_view list, std::span<const HeaderView> received,
                                        const HostHeader& host) {
  HeaderList headers;
  std::string_view before;
  std::size_t count = 0;
  bool has_host = false;
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t end = std::min(list.find(';', at), list.size());
    const std::string_view name = list.substr(at, end - at);
    at = end + 1;
    if (name <= before || ++count > kMaxSignedHeaders) return std::nullopt;
    if (std::ranges::any_of(name, [](char c) { return lower(c) != c; })) return std::nullopt;
    before = name;
    const std::size_t had = headers.size();
    if (name == host.host.first || name == host.authority.first) {
      has_host = true;
      headers.push_back(name == host.host.first ? &host.host : &host.authority);
      continue;
    }
    for (const HeaderView& header : received)
      if (has_name(header, name)) headers.push_back(&header);
    if (headers.size() == had) return std::nullopt;
  }
  return has_host ? std::optional(std::move(headers)) : std::nullopt;
}

/// Why the claim cannot be right whatever the secret, or nothing.
std::optional<std::string> unacceptable(const SignatureClaim& claim, std::string_view date,
                                        const VerifyRules& rules, base::WallTime now) {
  const auto at = parse_amz_date(date);
  if (!at) return "x-amz-date is missing, repeated or not a date";
  if (*at < now - rules.window || *at > now + rules.window)
    return "x-amz-date " + std::string(date) + " is too far from now";
  if (claim.date != date.substr(0, 8)) return "the scope is of another day than x-amz-date";
  if (claim.service != rules.service)
    return "the scope is of another service than " + std::string(rules.service);
  if (!rules.region.empty() && claim.region != rules.region)
    return "the scope is of another region than " + std::string(rules.region);
  return std::nullopt;
}

bool content_hash_agrees(const HeaderList& headers, std::string_view payload) {
  return std::ranges::all_of(headers, [&](const HeaderView* header) {
    return !has_name(*header, "x-amz-content-sha256") || trimmed(header->second) == payload;
  });
}

base::Secret random_secret() {
  std::array<unsigned char, 32> bytes{};
  if (RAND_bytes(bytes.data(), bytes.size()) != 1) throw std::runtime_error("OpenSSL has no random numbers");
  return base::Secret(std::string(bytes.begin(), bytes.end()));
}

}  // namespace

bool is_sigv4(std::string_view authorization) {
  return authorization.starts_with(kAlgorithm) && authorization.size() > kAlgorithm.size() &&
         authorization[kAlgorithm.size()] == ' ';
}

base::Result<SignatureClaim> parse_authorization(std::string_view authorization) {
  if (!is_sigv4(authorization)) return refused("not AWS4-HMAC-SHA256");
  SignatureClaim claim;
  std::string_view credential;
  for (std::string_view rest = authorization.substr(kAlgorithm.size()); !rest.empty();) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view part = trimmed(rest.substr(0, comma));
    rest = rest.substr(std::min(comma + 1, rest.size()));
    const std::size_t equals = std::min(part.find('='), part.size());
    const std::string_view name = part.substr(0, equals);
    std::string_view* value = name == "Credential"      ? &credential
                              : name == "SignedHeaders" ? &claim.signed_headers
                              : name == "Signature"     ? &claim.signature
                                                        : nullptr;
    if (value == nullptr || !value->empty() || equals == part.size())
      return refused("the Authorization header has an unknown or repeated part");
    *value = part.substr(equals + 1);
  }
  if (!parse_credential(credential, claim))
    return refused("Credential is not <id>/<day>/<region>/<service>/aws4_request");
  if (claim.signed_headers.empty()) return refused("SignedHeaders is missing");
  if (claim.signature.size() != 64 || !is_lower_hex(claim.signature))
    return refused("Signature is not 64 lower-case hex digits");
  return claim;
}

SignatureVerifier::SignatureVerifier(std::size_t cached_keys)
    : cache_(std::make_unique<SigningKeyCache>(cached_keys)), dummy_(random_secret()) {}
SignatureVerifier::~SignatureVerifier() = default;

base::Result<void> SignatureVerifier::verify(const SignatureClaim& claim, const SigningRequest& request,
                                             const base::Secret* secret, const VerifyRules& rules,
                                             base::WallTime now) {
  const std::string_view date = only_value(request.headers, "x-amz-date").value_or("");
  if (auto why = unacceptable(claim, date, rules, now)) return refused(*std::move(why));
  const HostHeader host(request.host);
  const auto headers = named_headers(claim.signed_headers, request.headers, host);
  if (!headers)
    return refused("SignedHeaders lacks host, is not in order, or names a header that did not come");
  if (!content_hash_agrees(*headers, request.payload.text()))
    return refused("x-amz-content-sha256 is not that of the body");

  Scratch text;
  append_canonical_request(text, request, *headers);
  Scratch to_sign;
  const SigningScope scope{claim.region, claim.service};
  append_string_to_sign(to_sign, date, scope, view(text));

  const base::Secret& known = secret != nullptr ? *secret : dummy_;
  const SigningKeyCache::Name name{claim.access_key_id, known.reveal(), claim.date, scope};
  const auto cached = cache_->find(name);
  const base::HmacSha256Key key = cached ? *cached : derive_signing_key(name.secret, name.day, scope);
  const PayloadHash expected = PayloadHash::of_digest(key.mac(view(to_sign)));
  const bool equal = CRYPTO_memcmp(expected.text().data(), claim.signature.data(), 64) == 0;
  if (secret == nullptr || !equal) {
    // A known id whose key was at hand must not be told from an unknown one by the time that a derivation
    // takes.
    if (cached) static_cast<void>(derive_signing_key(name.secret, name.day, scope).mac(view(to_sign)));
    return refused(secret == nullptr ? "nobody has this access key id" : "the signature is wrong");
  }
  // Only now: whoever guesses cannot push the keys of others out.
  if (!cached) cache_->insert(name, key);
  return {};
}

}  // namespace caprock::aws
