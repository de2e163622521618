#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/secret.h"

namespace caprock::aws {

/// What each kind of source needs to know, whoever configured it: a profile, a variable or a setting.

struct StaticKeys {
  std::string access_key_id;
  base::Secret secret_access_key;
  base::Secret session_token;
  std::string account_id;
};

struct ProcessCommand {
  std::string command;  ///< split into words as a shell would, but no shell runs it
  std::string account_id;
};

/// IAM Identity Center. With a session name the token can be refreshed; without one it is the older form.
struct SsoAccount {
  std::string session_name;
  std::string start_url;
  std::string region;
  std::string account_id;
  std::string role_name;
};

/// A role and how its session is named.
/// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
struct Role {
  std::string arn;
  std::string session_name;  ///< empty: "caprock-" and the time
  std::string external_id;
  std::string source_identity;
  std::chrono::seconds duration{0};  ///< 0: AWS's default of an hour
  std::vector<std::pair<std::string, std::string>> tags = {};
  std::vector<std::string> transitive_tags = {};
  std::string region;  ///< of the STS that is asked; empty: the configured one
};

struct WebIdentity {
  Role role;
  std::string token_file;
};

/// `credential_source` of a profile.
enum class NamedSource : std::uint8_t { kEnvironment, kContainer, kInstance };

using BaseSource = std::variant<StaticKeys, ProcessCommand, SsoAccount, WebIdentity, NamedSource>;

}  // namespace caprock::aws
