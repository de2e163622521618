#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "aws/credentials/instance_provider.h"
#include "aws/credentials/refresh_policy.h"
#include "aws/credentials/shared_config.h"
#include "aws/credentials/sources.h"
#include "base/result.h"
#include "base/settings.h"

namespace caprock::aws {

/// `[aws]`: the region, and where credentials come from. Keys themselves are read from the environment and
/// the shared files only, so that none stands in Caprock's own file.
struct CredentialSettings {
  std::string region;
  std::string bedrock_region;
  std::string credentials = "auto";
  std::string profile;
  base::Secret bearer_token;
  std::string config_file = "~/.aws/config";
  std::string credentials_file = "~/.aws/credentials";

  std::string secret_id;

  std::string role_arn;
  std::string role_session_name;
  std::string external_id;
  std::string source_identity;
  std::vector<std::string> session_tags;
  std::vector<std::string> transitive_tags;
  std::chrono::milliseconds role_duration{3'600'000};

  std::string web_identity_token_file;
  std::string web_identity_role_arn;
  std::string web_identity_session_name;

  bool imds_disabled = false;
  bool imds_v1 = false;
  std::string imds_endpoint;
  std::string imds_endpoint_mode = "IPv4";
  std::chrono::milliseconds imds_timeout{1'000};

  std::chrono::milliseconds process_timeout{60'000};
  std::chrono::milliseconds request_timeout{10'000};
  std::chrono::milliseconds refresh_before{600'000};
  std::chrono::milliseconds recheck{300'000};

  base::SettingsSection describe();
  /// What no single setting can say. kInvalidArgument with the setting as field.
  base::Result<void> check() const;

  /// The role of `role_arn`; its arn is empty when none is to be assumed. After `check` only.
  Role role() const;
  WebIdentity web_identity(const Environment& environment) const;
  InstanceSource instance() const;
  SharedFiles files(const Environment& environment) const;
  RefreshSettings refresh() const;
};

}  // namespace caprock::aws
