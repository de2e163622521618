#include "aws/credentials/settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "net/url.h"

namespace caprock::aws {
namespace {

using base::Setting;
using std::chrono::milliseconds;

constexpr double kSecond = 1000;
constexpr double kHour = 3'600'000;

void append(std::vector<Setting>& to, std::vector<Setting> more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

std::vector<Setting> sources(CredentialSettings& s) {
  return {{.key = "region",
           .target = &s.region,
           .help = "AWS region, such as us-east-1",
           .environment = {"AWS_REGION", "AWS_DEFAULT_REGION"}},
          {.key = "bedrock_region",
           .target = &s.bedrock_region,
           .help = "region of Bedrock's services; empty: region",
           .environment = {"AWS_BEDROCK_REGION"}},
          {.key = "credentials",
           .target = &s.credentials,
           .help = "where credentials come from; auto asks one after the other until one has some",
           .choices = {"auto", "environment", "profile", "web_identity", "container", "instance"}},
          {.key = "profile",
           .target = &s.profile,
           .help = "profile of the shared files; empty: default",
           .environment = {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"}},
          {.key = "bearer_token",
           .target = &s.bearer_token,
           .help = "Bedrock API key; when set, no other credentials are looked for",
           .environment = {"AWS_BEARER_TOKEN_BEDROCK"}},
          {.key = "config_file",
           .target = &s.config_file,
           .help = "shared configuration of AWS's tools",
           .environment = {"AWS_CONFIG_FILE"}},
          {.key = "credentials_file",
           .target = &s.credentials_file,
           .help = "shared keys of AWS's tools",
           .environment = {"AWS_SHARED_CREDENTIALS_FILE"}},
          {.key = "secret_id",
           .target = &s.secret_id,
           .help = "name or ARN of a Secrets Manager secret whose JSON has the credentials to use; "
                   "it is read with those found otherwise"}};
}

std::vector<Setting> roles(CredentialSettings& s) {
  return {{"role_arn", &s.role_arn, "role to assume with the credentials found; empty: none"},
          {"role_session_name", &s.role_session_name, "name of its session; empty: caprock- and the time"},
          {"external_id", &s.external_id, "external id that the role's trust policy asks for"},
          {"source_identity", &s.source_identity, "source identity of the session, shown in CloudTrail"},
          {"session_tags", &s.session_tags, "tags of the session: key=value"},
          {"transitive_tags", &s.transitive_tags, "keys of session_tags that later roles keep"},
          {"role_duration", &s.role_duration, "how long a session holds; not above the role's own maximum",
           900 * kSecond, 12 * kHour},
          {.key = "web_identity_token_file",
           .target = &s.web_identity_token_file,
           .help = "file with an OIDC token, read again at every refresh",
           .environment = {"AWS_WEB_IDENTITY_TOKEN_FILE"}},
          {.key = "web_identity_role_arn",
           .target = &s.web_identity_role_arn,
           .help = "role that is assumed with that token",
           .environment = {"AWS_ROLE_ARN"}},
          {.key = "web_identity_session_name",
           .target = &s.web_identity_session_name,
           .help = "name of that session; empty: caprock- and the time",
           .environment = {"AWS_ROLE_SESSION_NAME"}}};
}

std::vector<Setting> metadata(CredentialSettings& s) {
  return {{.key = "imds_disabled",
           .target = &s.imds_disabled,
           .help = "do not ask the instance metadata service of EC2",
           .environment = {"AWS_EC2_METADATA_DISABLED"}},
          {"imds_v1", &s.imds_v1, "ask it without a token where it gives none (IMDSv1)"},
          {.key = "imds_endpoint",
           .target = &s.imds_endpoint,
           .help = "its URL; empty: that of imds_endpoint_mode",
           .environment = {"AWS_EC2_METADATA_SERVICE_ENDPOINT"}},
          {.key = "imds_endpoint_mode",
           .target = &s.imds_endpoint_mode,
           .help = "169.254.169.254 or [fd00:ec2::254]",
           .choices = {"IPv4", "IPv6"},
           .environment = {"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"}},
          {.key = "imds_timeout",
           .target = &s.imds_timeout,
           .help = "for each of its answers",
           .min = 10,
           .max = 60 * kSecond,
           .environment = {"AWS_METADATA_SERVICE_TIMEOUT"}}};
}

std::vector<Setting> times(CredentialSettings& s) {
  return {
      {"process_timeout", &s.process_timeout, "how long a credential_process may run", 100, 600 * kSecond},
      {"request_timeout", &s.request_timeout, "for an answer of STS, SSO, Secrets Manager or a container",
       100, 300 * kSecond},
      {"refresh_before", &s.refresh_before, "how long before their end credentials are renewed", kSecond,
       kHour},
      {"recheck", &s.recheck, "how often credentials that do not end are read again", kSecond, 24 * kHour}};
}

base::Error wrong(const char* key, const std::string& message) {
  return base::invalid_argument(std::string("aws.") + key, fmt::format("[aws] {} {}", key, message));
}

}  // namespace

base::SettingsSection CredentialSettings::describe() {
  base::SettingsSection section{
      .name = "aws", .help = "The AWS account: region and credentials", .settings = {}};
  append(section.settings, sources(*this));
  append(section.settings, roles(*this));
  append(section.settings, metadata(*this));
  append(section.settings, times(*this));
  return section;
}

base::Result<void> CredentialSettings::check() const {
  for (const std::string& tag : session_tags)
    if (tag.find('=') == std::string::npos || tag.front() == '=')
      return base::failure(wrong("session_tags", fmt::format("has '{}', which is no key=value", tag)));
  const auto is_key = [this](const std::string& key) {
    return std::ranges::any_of(session_tags, [&](const auto& tag) { return tag.starts_with(key + "="); });
  };
  for (const std::string& key : transitive_tags)
    if (!is_key(key))
      return base::failure(wrong("transitive_tags", fmt::format("has '{}', which session_tags lacks", key)));
  constexpr std::size_t kMostTags = 50;  // AWS's own limit
  if (session_tags.size() > kMostTags) return base::failure(wrong("session_tags", "has more than 50 tags"));
  if (!imds_endpoint.empty() && !net::parse_url(imds_endpoint))
    return base::failure(wrong("imds_endpoint", "is no http URL"));
  return {};
}

Role CredentialSettings::role() const {
  Role made{.arn = role_arn,
            .session_name = role_session_name,
            .external_id = external_id,
            .source_identity = source_identity,
            .duration = std::chrono::duration_cast<std::chrono::seconds>(role_duration)};
  for (const std::string& tag : session_tags) {
    const std::size_t equals = tag.find('=');
    made.tags.emplace_back(tag.substr(0, equals), tag.substr(equals + 1));
  }
  made.transitive_tags = transitive_tags;
  return made;
}

WebIdentity CredentialSettings::web_identity(const Environment& environment) const {
  return {.role = {.arn = web_identity_role_arn, .session_name = web_identity_session_name},
          .token_file = expand_home(web_identity_token_file, environment)};
}

InstanceSource CredentialSettings::instance() const {
  const char* usual = imds_endpoint_mode == "IPv6" ? "http://[fd00:ec2::254]" : "http://169.254.169.254";
  return {.disabled = imds_disabled,
          .endpoint = imds_endpoint.empty() ? usual : imds_endpoint,
          .allow_v1 = imds_v1,
          .timeout = imds_timeout};
}

SharedFiles CredentialSettings::files(const Environment& environment) const {
  return {expand_home(config_file, environment), expand_home(credentials_file, environment)};
}

RefreshSettings CredentialSettings::refresh() const {
  RefreshSettings made;
  made.before = refresh_before;
  made.recheck = recheck;
  // A fetch may be a process, then a role or two.
  made.fetch_timeout = process_timeout + 3 * request_timeout;
  return made;
}

}  // namespace caprock::aws
