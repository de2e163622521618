#pragma once

#include <map>
#include <string>
#include <string_view>

#include "aws/credentials/ini_file.h"
#include "base/result.h"

namespace caprock::aws {

/// Variables of a process, taken once at its start.
using Environment = std::map<std::string, std::string>;

/// The value of `name`, or empty: AWS's SDKs treat an empty variable as not set.
std::string variable(const Environment& environment, const std::string& name);

/// One section of the shared files. Keys are in lower case.
class Profile {
 public:
  Profile() = default;
  explicit Profile(std::map<std::string, IniProperty> properties) : properties_(std::move(properties)) {}
  bool has(const std::string& key) const { return !text(key).empty(); }
  /// The value, or empty.
  std::string text(const std::string& key) const;
  /// `part` of the indented lines below `key`: text("s3", "endpoint_url").
  std::string text(const std::string& key, const std::string& part) const;
  /// What `other` has takes the place of what is here.
  void merge(const Profile& other);

 private:
  std::map<std::string, IniProperty> properties_;
};

/// What ~/.aws/config and ~/.aws/credentials say together.
struct SharedConfig {
  std::map<std::string, Profile> profiles;
  std::map<std::string, Profile> sso_sessions;
  std::map<std::string, Profile> services;  ///< `[services NAME]`: endpoints by service

  const Profile* profile(const std::string& name) const;
};

struct SharedFiles {
  std::string config;
  std::string credentials;
};

/// `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE`, else below ~/.aws; `~/` at the start is the home.
SharedFiles shared_files(const Environment& environment);
/// `path` with a leading `~/` replaced by HOME.
std::string expand_home(const std::string& path, const Environment& environment);

/// The credentials file wins where both name a key. In the config file a profile is `[profile NAME]`
/// or `[default]`; `[profile default]` is preferred to that.
SharedConfig merge_shared(const IniFile& config, const IniFile& credentials);

/// Reads both files; one that does not exist is empty. Blocks: call it on a pool. kInvalidArgument names the
/// file that cannot be read or is above 1 MiB. Lines that were not understood are logged, without their text.
base::Result<SharedConfig> load_shared_config(const SharedFiles& files);

}  // namespace caprock::aws
