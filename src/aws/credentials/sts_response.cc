#include "aws/credentials/sts_response.h"

#include <fmt/format.h>

#include <pugixml.hpp>

#include "aws/credentials/credential_document.h"
#include "aws/credentials/time_text.h"

namespace caprock::aws {
namespace {

using base::failure;
using base::Result;

base::Error bad(const std::string& what) {
  return base::Error(base::ErrorKind::kUpstream, fmt::format("the answer of sts {}", what))
      .with_origin({.component = "sts"});
}

/// pugixml resolves the five entities and character references only; document types are left out.
bool load(pugi::xml_document& document, std::string_view xml) {
  return static_cast<bool>(
      document.load_buffer(xml.data(), xml.size(), pugi::parse_default, pugi::encoding_utf8));
}

Result<std::string> only_text(const pugi::xml_node& parent, const char* name) {
  const pugi::xml_node node = parent.child(name);
  if (!node || node.next_sibling(name)) return failure(bad(fmt::format("does not have one {}", name)));
  std::string text = node.text().get();
  if (text.empty()) return failure(bad(fmt::format("has an empty {}", name)));
  return text;
}

/// arn:aws:sts::123456789012:assumed-role/…
std::string account_of(std::string_view arn) {
  for (int i = 0; i < 4; ++i) {
    const std::size_t colon = arn.find(':');
    if (colon == std::string_view::npos) return {};
    arn.remove_prefix(colon + 1);
  }
  const std::string_view account = arn.substr(0, arn.find(':'));
  const bool digits = account.find_first_not_of("0123456789") == std::string_view::npos;
  return account.size() == 12 && digits ? std::string(account) : std::string();
}

}  // namespace

Result<Credentials> read_sts_credentials(std::string_view xml, const std::string& action) {
  pugi::xml_document document;
  if (!load(document, xml)) return failure(bad("is no XML"));
  const std::string root = action + "Response";
  const std::string inner = action + "Result";
  const pugi::xml_node result = document.child(root.c_str()).child(inner.c_str());
  const pugi::xml_node credentials = result.child("Credentials");
  if (!credentials || credentials.next_sibling("Credentials"))
    return failure(bad(fmt::format("does not have one {}/{}/Credentials", root, inner)));
  Credentials made;
  CAPROCK_TRY(made.access_key_id, only_text(credentials, "AccessKeyId"));
  CAPROCK_TRY(std::string secret, only_text(credentials, "SecretAccessKey"));
  CAPROCK_TRY(std::string token, only_text(credentials, "SessionToken"));
  CAPROCK_TRY(const std::string expiration, only_text(credentials, "Expiration"));
  made.secret_access_key = base::Secret(std::move(secret));
  made.session_token = base::Secret(std::move(token));
  made.expires = parse_time(expiration);
  if (!made.expires || *made.expires == base::WallTime::max())
    return failure(bad("has an Expiration that is no time"));
  made.account_id = account_of(result.child("AssumedRoleUser").child("Arn").text().get());
  CAPROCK_CHECK(check_credentials(made, "sts"));
  return made;
}

StsError read_sts_error(std::string_view xml) {
  pugi::xml_document document;
  if (!load(document, xml)) return {};
  const pugi::xml_node root = document.child("ErrorResponse");
  // Some services (and moto) put a list around it, which AWS's SDKs read as well.
  const pugi::xml_node list = root.child("Errors");
  const pugi::xml_node error = (list ? list : root).child("Error");
  return {error.child("Code").text().get(), error.child("Message").text().get(),
          root.child("RequestId").text().get()};
}

}  // namespace caprock::aws
