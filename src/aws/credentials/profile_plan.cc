#include "aws/credentials/profile_plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace caprock::aws {
namespace {

using base::failure;
using base::Result;

constexpr std::size_t kLongestChain = 16;

base::Error wrong(const std::string& profile, const std::string& key, const std::string& what) {
  return base::invalid_argument(key, fmt::format("the AWS profile '{}': {}", profile, what));
}

Result<std::chrono::seconds> duration_of(const std::string& name, const Profile& profile) {
  const std::string text = profile.text("duration_seconds");
  if (text.empty()) return std::chrono::seconds(0);
  int seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  // AWS's own bounds; the role's maximum may be lower.
  if (error != std::errc{} || end != text.data() + text.size() || seconds < 900 || seconds > 43'200)
    return failure(wrong(name, "duration_seconds", "duration_seconds must be from 900 to 43200"));
  return std::chrono::seconds(seconds);
}

Result<Role> role_of(const std::string& name, const Profile& profile) {
  if (profile.has("mfa_serial"))
    return failure(wrong(name, "mfa_serial",
                         "mfa_serial needs a person at the keyboard; use a role without MFA, or SSO"));
  CAPROCK_TRY(const std::chrono::seconds duration, duration_of(name, profile));
  Role role{.arn = profile.text("role_arn"),
            .session_name = profile.text("role_session_name"),
            .external_id = profile.text("external_id"),
            .source_identity = profile.text("source_identity"),
            .duration = duration};
  role.region = profile.text("region");
  return role;
}

Result<SsoAccount> sso_of(const SharedConfig& config, const std::string& name, const Profile& profile) {
  SsoAccount account{.session_name = profile.text("sso_session"),
                     .start_url = profile.text("sso_start_url"),
                     .region = profile.text("sso_region"),
                     .account_id = profile.text("sso_account_id"),
                     .role_name = profile.text("sso_role_name")};
  if (!account.session_name.empty()) {
    const auto session = config.sso_sessions.find(account.session_name);
    if (session == config.sso_sessions.end())
      return failure(
          wrong(name, "sso_session", fmt::format("there is no [sso-session {}]", account.session_name)));
    account.start_url = session->second.text("sso_start_url");
    account.region = session->second.text("sso_region");
  }
  const std::pair<const char*, const std::string*> needed[] = {{"sso_start_url", &account.start_url},
                                                               {"sso_region", &account.region},
                                                               {"sso_account_id", &account.account_id},
                                                               {"sso_role_name", &account.role_name}};
  for (const auto& [key, value] : needed)
    if (value->empty()) return failure(wrong(name, key, fmt::format("{} is missing", key)));
  return account;
}

Result<StaticKeys> keys_of(const std::string& name, const Profile& profile) {
  for (const char* key : {"aws_access_key_id", "aws_secret_access_key"})
    if (!profile.has(key)) return failure(wrong(name, key, fmt::format("{} is missing", key)));
  return StaticKeys{profile.text("aws_access_key_id"), base::Secret(profile.text("aws_secret_access_key")),
                    base::Secret(profile.text("aws_session_token")), profile.text("aws_account_id")};
}

Result<NamedSource> named_source(const std::string& name, const std::string& text) {
  if (text == "Environment") return NamedSource::kEnvironment;
  if (text == "EcsContainer") return NamedSource::kContainer;
  if (text == "Ec2InstanceMetadata") return NamedSource::kInstance;
  return failure(wrong(name, "credential_source",
                       "credential_source must be Environment, EcsContainer or Ec2InstanceMetadata"));
}

bool has_keys(const Profile& profile) {
  return profile.has("aws_access_key_id") || profile.has("aws_secret_access_key");
}

/// Credentials that the profile has of its own, in the order of AWS's SDKs.
Result<std::optional<BaseSource>> own_source(const SharedConfig& config, const std::string& name,
                                             const Profile& profile) {
  if (profile.has("web_identity_token_file")) {
    CAPROCK_TRY(Role role, role_of(name, profile));
    if (role.arn.empty()) return failure(wrong(name, "role_arn", "web_identity_token_file needs role_arn"));
    return WebIdentity{std::move(role), profile.text("web_identity_token_file")};
  }
  if (profile.has("sso_session") || profile.has("sso_start_url")) return sso_of(config, name, profile);
  if (has_keys(profile)) return keys_of(name, profile);
  if (profile.has("credential_process"))
    return ProcessCommand{profile.text("credential_process"), profile.text("aws_account_id")};
  return std::nullopt;
}

/// Follows source_profile from one profile to the next.
class Walk {
 public:
  explicit Walk(const SharedConfig& config) : config_(config) {}

  Result<std::optional<ProfilePlan>> from(std::string name) {
    while (true) {
      CAPROCK_TRY(const Profile* profile, enter(name));
      // A profile that others refer to gives its own keys first; one may even name itself for that.
      const bool referred = !roles_.empty();
      const bool assumes = profile->has("role_arn") && !profile->has("web_identity_token_file");
      if (!assumes || (referred && has_keys(*profile))) return finish(name, *profile);
      CAPROCK_TRY(Role role, role_of(name, *profile));
      roles_.push_back(std::move(role));
      CAPROCK_CHECK(one_source(name, *profile));
      if (profile->has("credential_source")) {
        CAPROCK_TRY(const NamedSource source, named_source(name, profile->text("credential_source")));
        return done(source);
      }
      const std::string next = profile->text("source_profile");
      if (next == name) return finish(name, *profile);
      name = next;
    }
  }

 private:
  Result<const Profile*> enter(const std::string& name) {
    const bool circle = std::ranges::find(seen_, name) != seen_.end();
    seen_.push_back(name);
    if (circle || seen_.size() > kLongestChain)
      return failure(wrong(seen_.front(), "source_profile",
                           fmt::format("source_profile goes in a circle: {}", fmt::join(seen_, " > "))));
    const Profile* profile = config_.profile(name);
    if (profile != nullptr) return profile;
    const std::string& who = seen_.size() > 1 ? seen_[seen_.size() - 2] : name;
    return failure(wrong(who, seen_.size() > 1 ? "source_profile" : "profile",
                         fmt::format("there is no profile '{}' in the shared files", name)));
  }

  static Result<void> one_source(const std::string& name, const Profile& profile) {
    const bool from_profile = profile.has("source_profile");
    if (from_profile == profile.has("credential_source"))
      return failure(wrong(name, "source_profile",
                           "role_arn needs either source_profile or credential_source, and not both"));
    return {};
  }

  Result<std::optional<ProfilePlan>> finish(const std::string& name, const Profile& profile) {
    CAPROCK_TRY(std::optional<BaseSource> own, own_source(config_, name, profile));
    if (own) return done(std::move(*own));
    if (roles_.empty()) return std::nullopt;
    return failure(wrong(name, "source_profile", "has no credentials that a role could be assumed with"));
  }

  Result<std::optional<ProfilePlan>> done(BaseSource source) {
    std::ranges::reverse(roles_);
    return ProfilePlan{std::move(source), std::move(roles_)};
  }

  const SharedConfig& config_;
  std::vector<std::string> seen_;
  std::vector<Role> roles_;  ///< the last to be assumed first
};

}  // namespace

Result<std::optional<ProfilePlan>> plan_profile(const SharedConfig& config, const std::string& profile) {
  return Walk(config).from(profile);
}

}  // namespace caprock::aws
