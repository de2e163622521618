#include "aws/credentials/sso_token.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <boost/json/value.hpp>
#include <stdexcept>

#include "aws/credentials/credential_document.h"
#include "aws/credentials/provider_tools.h"
#include "aws/credentials/time_text.h"
#include "base/json/json_text.h"

namespace caprock::aws {
namespace {

namespace json = boost::json;
using base::failure;
using base::Result;

constexpr std::string_view kFile = "the SSO token file";
constexpr std::string_view kService = "sso-oidc";
constexpr std::int64_t kLongestToken = 90LL * 24 * 3600;

base::Error bad_file() {
  return base::invalid_argument("sso_session",
                                "the cached SSO token is not understood; run 'aws sso login' again");
}

std::string second_text(base::WallTime time) {
  // botocore and the AWS CLI write whole seconds.
  std::string text = base::iso_time(time);
  return text.substr(0, text.find('.')) + "Z";
}

base::WallTime time_or_never(const std::string& text) {
  return parse_time(text).value_or(base::WallTime::min());
}

}  // namespace

bool SsoToken::renewable(base::WallTime now) const {
  return !refresh_token.empty() && !client_id.empty() && !client_secret.empty() && registration_expires > now;
}

std::string sso_cache_name(std::string_view session_or_start_url) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  if (EVP_Digest(session_or_start_url.data(), session_or_start_url.size(), digest.data(), &length, EVP_sha1(),
                 nullptr) != 1)
    throw std::runtime_error("SHA-1 is not available in OpenSSL");
  std::string name;
  for (unsigned i = 0; i < length; ++i) name += fmt::format("{:02x}", digest[i]);
  return name + ".json";
}

Result<SsoToken> read_sso_token(std::string_view text) {
  Result<json::object> object = read_object(text, kFile);
  if (!object) return failure(bad_file());
  const auto field = [&](std::string_view key) {
    return text_field(*object, key, false, kFile).value_or(std::string());
  };
  SsoToken token;
  token.access_token = base::Secret(field("accessToken"));
  const std::optional<base::WallTime> expires = parse_time(field("expiresAt"));
  if (!is_visible_ascii(token.access_token.reveal()) || !expires) return failure(bad_file());
  token.expires = *expires;
  token.refresh_token = base::Secret(field("refreshToken"));
  token.client_id = field("clientId");
  token.client_secret = base::Secret(field("clientSecret"));
  token.registration_expires = time_or_never(field("registrationExpiresAt"));
  token.document = std::move(*object);
  return token;
}

std::string renewal_body(const SsoToken& token) {
  return base::json_text(json::object{{"grantType", "refresh_token"},
                                      {"clientId", token.client_id},
                                      {"clientSecret", token.client_secret.reveal()},
                                      {"refreshToken", token.refresh_token.reveal()}});
}

Result<SsoToken> renewed(const SsoToken& token, std::string_view answer, base::WallTime now) {
  CAPROCK_TRY(const json::object object, read_object(answer, kService));
  CAPROCK_TRY(std::string access, text_field(object, "accessToken", true, kService));
  CAPROCK_TRY(std::string refresh, text_field(object, "refreshToken", false, kService));
  const json::value* seconds = object.if_contains("expiresIn");
  const bool sane = seconds != nullptr && seconds->is_int64() && seconds->as_int64() > 0 &&
                    seconds->as_int64() <= kLongestToken && is_visible_ascii(access);
  if (!sane)
    return failure(base::Error(base::ErrorKind::kUpstream, "the answer of sso-oidc has no token that ends"));
  SsoToken fresh = token;
  fresh.expires = now + std::chrono::seconds(seconds->as_int64());
  fresh.document["accessToken"] = access;
  fresh.document["expiresAt"] = second_text(fresh.expires);
  if (!refresh.empty()) fresh.document["refreshToken"] = refresh;
  fresh.access_token = base::Secret(std::move(access));
  if (!refresh.empty()) fresh.refresh_token = base::Secret(std::move(refresh));
  return fresh;
}

}  // namespace caprock::aws
