#include "server/auth.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cctype>

#include "base/sha256.h"

namespace caprock::server {
namespace {

using base::ErrorKind;

bool has_prefix_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         std::ranges::equal(text.substr(0, prefix.size()), prefix, [](unsigned char a, unsigned char b) {
           return std::tolower(a) == std::tolower(b);
         });
}

base::Principal key_owner(const base::Secret& key) {
  base::Principal principal;
  // Enough to tell keys apart in logs, and nothing that helps to find one.
  principal.key_id = "key-" + base::sha256_hex(key.reveal()).substr(0, 8);
  principal.user = principal.key_id;
  principal.roles = {"admin"};
  return principal;
}

}  // namespace

std::string_view presented_key(const Request& request) {
  constexpr std::string_view kBearer = "bearer ";
  std::string_view header = request.headers.get("authorization");
  if (has_prefix_ignoring_case(header, kBearer)) {
    header.remove_prefix(kBearer.size());
    while (header.starts_with(' ')) header.remove_prefix(1);
    return header;
  }
  return request.headers.get("x-api-key");
}

base::Principal local_owner() {
  base::Principal owner;
  owner.roles = {"admin"};
  return owner;
}

void KeyAuthenticator::add(const base::Secret& key, base::Principal principal) {
  keys_.push_back({base::sha256(key.reveal()), std::move(principal)});
}

base::Awaitable<base::Result<std::optional<base::Principal>>> KeyAuthenticator::authenticate(
    Request& request) {
  const std::string_view presented = presented_key(request);
  if (presented.empty()) co_return std::nullopt;
  const auto digest = base::sha256(presented);
  const Key* found = nullptr;
  for (const Key& key : keys_)
    if (CRYPTO_memcmp(key.digest.data(), digest.data(), digest.size()) == 0) found = &key;
  if (found == nullptr)
    co_return base::failure(base::Error(ErrorKind::kUnauthenticated, "this API key is not known here"));
  co_return found->principal;
}

Auth::Auth(const Settings& settings, const base::Secret& owner_token) {
  auto keys = std::make_unique<KeyAuthenticator>();
  for (const base::Secret& key : settings.api_keys) keys->add(key, key_owner(key));
  const auto address = parse_listen(settings.listen);
  open_ = keys->empty() && address && address->loopback();
  if (!owner_token.empty()) keys->add(owner_token, local_owner());
  chain_.push_back(std::move(keys));
}

void Auth::add(std::unique_ptr<Authenticator> authenticator) {
  chain_.insert(chain_.end() - 1, std::move(authenticator));
}

base::Awaitable<base::Result<base::Principal>> Auth::authorize(AuthClass required, Request& request) const {
  if (required == AuthClass::kPublic) co_return base::Principal{};
  // SDKs send a key whether one is needed or not: where none is, any will do.
  if (open()) co_return local_owner();
  std::optional<base::Principal> principal;
  for (const auto& authenticator : chain_) {
    CAPROCK_CO_TRY(principal, co_await authenticator->authenticate(request));
    if (principal) break;
  }
  if (!principal)
    co_return base::failure(base::Error(
        ErrorKind::kUnauthenticated, "an API key is needed: Authorization: Bearer KEY, or x-api-key: KEY"));
  if (required == AuthClass::kAdmin && std::ranges::find(principal->roles, "admin") == principal->roles.end())
    co_return base::failure(base::Error(ErrorKind::kPermissionDenied, "this needs the role 'admin'"));
  co_return std::move(*principal);
}

}  // namespace caprock::server
