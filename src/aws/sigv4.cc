#include "aws/sigv4.h"

#include <algorithm>
#include <functional>

#include "aws/canonical_request.h"
#include "aws/signing_key_cache.h"

namespace caprock::aws {
namespace {

// Hop by hop, or rewritten on the way: botocore/auth.py, SIGNED_HEADERS_BLACKLIST.
constexpr std::array<std::string_view, 12> kNeverSigned{
    "connection",          "expect",           "keep-alive", "proxy-authenticate",
    "proxy-authorization", "proxy-connection", "te",         "trailer",
    "transfer-encoding",   "upgrade",          "user-agent", "x-amzn-trace-id"};
// Written by the signature itself.
constexpr std::array<std::string_view, 5> kWritten{"authorization", "host", "x-amz-content-sha256",
                                                   "x-amz-date", "x-amz-security-token"};

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
  return std::ranges::any_of(names, [&](std::string_view other) {
    return name.size() == other.size() && compare_names(name, other) == 0;
  });
}

void write_digits(char* at, unsigned value, int width) {
  for (int i = width - 1; i >= 0; --i, value /= 10) at[i] = static_cast<char>('0' + value % 10);
}

struct AddedHeaders {
  HeaderView host, date, token, content;
};

HeaderList headers_to_sign(const SigningRequest& request, const AddedHeaders& added) {
  HeaderList list;
  for (const HeaderView& header : request.headers)
    if (!is_one_of(header.first, kNeverSigned) && !is_one_of(header.first, kWritten)) list.push_back(&header);
  for (const HeaderView* header : {&added.host, &added.date, &added.token, &added.content})
    if (!header->first.empty()) list.push_back(header);
  // Equal names keep the order of the wire, which within the caller's array is the order of addresses.
  std::ranges::sort(list, [](const HeaderView* a, const HeaderView* b) {
    const int order = compare_names(a->first, b->first);
    return order != 0 ? order < 0 : std::less<>{}(a, b);
  });
  return list;
}

base::HmacSha256Key signing_key(SigningKeyCache& cache, const SigningKeyCache::Name& name) {
  if (const auto found = cache.find(name)) return *found;
  const base::HmacSha256Key key = derive_signing_key(name.secret, name.day, name.scope);
  cache.insert(name, key);
  return key;
}

}  // namespace

PayloadHash PayloadHash::of(std::string_view body) { return of_digest(base::sha256(body)); }

PayloadHash PayloadHash::of_digest(const base::Sha256Digest& digest) {
  PayloadHash hash;
  base::write_hex(digest, hash.text_);
  hash.size_ = hash.text_.size();
  return hash;
}

PayloadHash PayloadHash::not_signed() {
  constexpr std::string_view kText = "UNSIGNED-PAYLOAD";
  PayloadHash hash;
  std::ranges::copy(kText, hash.text_.begin());
  hash.size_ = kText.size();
  return hash;
}

std::array<char, 16> amz_date(base::WallTime at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  const auto midnight = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day day(midnight);
  const std::chrono::hh_mm_ss time(seconds - midnight);
  std::array<char, 16> text{};
  write_digits(text.data(), static_cast<unsigned>(static_cast<int>(day.year())), 4);
  write_digits(text.data() + 4, static_cast<unsigned>(day.month()), 2);
  write_digits(text.data() + 6, static_cast<unsigned>(day.day()), 2);
  text[8] = 'T';
  write_digits(text.data() + 9, static_cast<unsigned>(time.hours().count()), 2);
  write_digits(text.data() + 11, static_cast<unsigned>(time.minutes().count()), 2);
  write_digits(text.data() + 13, static_cast<unsigned>(time.seconds().count()), 2);
  text[15] = 'Z';
  return text;
}

Signer::Signer(std::size_t cached_keys) : cache_(std::make_unique<SigningKeyCache>(cached_keys)) {}
Signer::~Signer() = default;

void Signer::sign(const SigningRequest& request, const SigningKeys& keys, const SigningScope& scope,
                  base::WallTime now, SignatureHeaders& out, ContentHash content_hash) {
  out.date = amz_date(now);
  AddedHeaders added{.host = {"host", request.host}, .date = {"x-amz-date", out.x_amz_date()}};
  if (!keys.session_token.empty()) added.token = {"x-amz-security-token", keys.session_token};
  if (content_hash == ContentHash::kHeader) added.content = {"x-amz-content-sha256", request.payload.text()};
  const HeaderList headers = headers_to_sign(request, added);

  Scratch text;
  append_canonical_request(text, request, headers);
  Scratch to_sign;
  append_string_to_sign(to_sign, out.x_amz_date(), scope, view(text));
  const std::string_view day = out.x_amz_date().substr(0, 8);
  const SigningKeyCache::Name name{keys.access_key_id, keys.secret_access_key, day, scope};
  const PayloadHash signature = PayloadHash::of_digest(signing_key(*cache_, name).mac(view(to_sign)));

  text.clear();
  append_signed_names(text, headers);
  out.authorization.assign("AWS4-HMAC-SHA256 Credential=").append(keys.access_key_id).append("/").append(day);
  out.authorization.append("/").append(scope.region).append("/").append(scope.service);
  out.authorization.append("/aws4_request, SignedHeaders=").append(view(text));
  out.authorization.append(", Signature=").append(signature.text());
}

std::string uri_encode(std::string_view text) {
  Scratch encoded;
  append_uri_encoded(encoded, text);
  return std::string(view(encoded));
}

}  // namespace caprock::aws
