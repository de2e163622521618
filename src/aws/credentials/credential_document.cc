#include "aws/credentials/credential_document.h"

#include <fmt/format.h>

#include <boost/json/value.hpp>

#include "aws/credentials/provider_tools.h"
#include "aws/credentials/time_text.h"
#include "base/json/json_text.h"

namespace caprock::aws {
namespace {

namespace json = boost::json;
using base::failure;
using base::Result;

constexpr std::size_t kDeepest = 16;

base::Error bad(std::string_view who, const std::string& what) {
  return base::Error(base::ErrorKind::kUpstream, fmt::format("the answer of {} {}", who, what))
      .with_origin({.component = std::string(who)});
}

Result<void> read_expiration(const json::object& object, bool required, std::string_view who,
                             Credentials& into) {
  CAPROCK_TRY(const std::string text, text_field(object, "Expiration", required, who));
  if (text.empty()) return {};
  const std::optional<base::WallTime> time = parse_time(text);
  if (!time) return failure(bad(who, "has an Expiration that is no time"));
  if (*time != base::WallTime::max()) into.expires = time;
  return {};
}

}  // namespace

Result<json::object> read_object(std::string_view text, std::string_view who) {
  Result<json::value> value = base::parse_json(text, kDeepest);
  if (!value || !value->is_object()) return failure(bad(who, "is no JSON object"));
  return std::move(value->as_object());
}

Result<std::string> text_field(const json::object& object, std::string_view key, bool required,
                               std::string_view who) {
  const json::value* value = object.if_contains(key);
  const bool absent = value == nullptr || value->is_null();
  if (!absent && !value->is_string()) return failure(bad(who, fmt::format("has a {} that is no text", key)));
  std::string text = absent ? std::string() : std::string(value->as_string());
  if (required && text.empty()) return failure(bad(who, fmt::format("has no {}", key)));
  return text;
}

Result<Credentials> read_credentials(const json::object& object, const DocumentKeys& keys,
                                     std::string_view who) {
  Credentials made;
  CAPROCK_TRY(made.access_key_id, text_field(object, "AccessKeyId", true, who));
  CAPROCK_TRY(std::string secret, text_field(object, "SecretAccessKey", true, who));
  CAPROCK_TRY(std::string token, text_field(object, keys.token, keys.expires, who));
  CAPROCK_TRY(made.account_id, text_field(object, "AccountId", false, who));
  made.secret_access_key = base::Secret(std::move(secret));
  made.session_token = base::Secret(std::move(token));
  CAPROCK_CHECK(read_expiration(object, keys.expires, who, made));
  CAPROCK_CHECK(check_credentials(made, who));
  return made;
}

Result<void> check_credentials(const Credentials& credentials, std::string_view who) {
  const auto fits = [](std::string_view text) { return text.empty() || is_visible_ascii(text); };
  if (!is_visible_ascii(credentials.access_key_id))
    return failure(bad(who, "has an access key id that is not visible ASCII"));
  if (!is_visible_ascii(credentials.secret_access_key.reveal()))
    return failure(bad(who, "has a secret access key that is not visible ASCII"));
  if (!fits(credentials.session_token.reveal()))
    return failure(bad(who, "has a session token that is not visible ASCII"));
  if (!fits(credentials.account_id)) return failure(bad(who, "has an account id that is not visible ASCII"));
  return {};
}

}  // namespace caprock::aws
