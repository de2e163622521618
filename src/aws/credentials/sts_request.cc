#include "aws/credentials/sts_request.h"

#include <fmt/format.h>

#include <chrono>

#include "aws/credentials/sts_response.h"
#include "aws/sigv4.h"

namespace caprock::aws {
namespace {

std::string session_name(const Role& role, base::WallTime now) {
  if (!role.session_name.empty()) return role.session_name;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
  return fmt::format("caprock-{}", seconds.count());
}

/// As forms are encoded, and as botocore sends them: a space is '+'.
std::string form_text(std::string_view text) {
  std::string out;
  while (true) {
    const std::size_t space = text.find(' ');
    out += uri_encode(text.substr(0, space));
    if (space == std::string_view::npos) return out;
    out += '+';
    text.remove_prefix(space + 1);
  }
}

}  // namespace

FormFields role_fields(const std::string& action, const Role& role, base::WallTime now) {
  FormFields fields{{"Action", action},
                    {"Version", "2011-06-15"},
                    {"RoleArn", role.arn},
                    {"RoleSessionName", session_name(role, now)}};
  if (!role.external_id.empty()) fields.emplace_back("ExternalId", role.external_id);
  if (role.duration.count() != 0)
    fields.emplace_back("DurationSeconds", std::to_string(role.duration.count()));
  if (!role.source_identity.empty()) fields.emplace_back("SourceIdentity", role.source_identity);
  std::size_t number = 0;
  for (const auto& [key, value] : role.tags) {
    ++number;
    fields.emplace_back(fmt::format("Tags.member.{}.Key", number), key);
    fields.emplace_back(fmt::format("Tags.member.{}.Value", number), value);
  }
  number = 0;
  for (const std::string& key : role.transitive_tags)
    fields.emplace_back(fmt::format("TransitiveTagKeys.member.{}", ++number), key);
  return fields;
}

std::string form_encode(const FormFields& fields) {
  std::string out;
  for (const auto& [key, value] : fields) {
    if (!out.empty()) out += '&';
    out += form_text(key) + '=' + form_text(value);
  }
  return out;
}

base::Result<net::HttpRequest> sts_request(const ProviderTools& tools, const std::string& region,
                                           std::string body) {
  CAPROCK_TRY(const Endpoint endpoint, tools.endpoint(Service::kSts, tools.region_or(region)));
  return net::HttpRequest{.method = "POST",
                          .url = endpoint.url,
                          .headers = {{"content-type", "application/x-www-form-urlencoded; charset=utf-8"}},
                          .body = std::move(body)};
}

base::Result<Credentials> read_sts_answer(const HttpAnswer& answer, const std::string& action) {
  if (answer.status == 200) return read_sts_credentials(answer.body, action);
  StsError error = read_sts_error(answer.body);
  return base::failure(refused_by("sts", answer, error.code, std::move(error.message)));
}

}  // namespace caprock::aws
