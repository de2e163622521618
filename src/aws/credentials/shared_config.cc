#include "aws/credentials/shared_config.h"

#include "aws/credentials/read_file.h"
#include "base/log.h"

namespace caprock::aws {
namespace {

constexpr std::size_t kLargestFile = 1 << 20;

base::Result<IniFile> load(const std::string& path) {
  CAPROCK_TRY(const std::optional<std::string> text, read_small_file(path, kLargestFile));
  IniFile file = read_ini(text.value_or(std::string()));
  for (const IniProblem& problem : file.problems)
    base::log(base::LogLevel::kWarn, "a line of a shared AWS file is left out",
              {{"file", path}, {"line", problem.line}, {"problem", problem.message}});
  return file;
}

void add(std::map<std::string, Profile>& to, const IniSection& section) {
  to[section.name].merge(Profile(section.properties));
}

void add_config_profiles(SharedConfig& into, const IniFile& config) {
  bool prefixed_default = false;
  for (const IniSection& section : config.sections)
    prefixed_default |= section.kind == "profile" && section.name == "default";
  for (const IniSection& section : config.sections) {
    const bool plain_default = section.kind.empty() && section.name == "default";
    if (section.kind == "profile" || (plain_default && !prefixed_default)) add(into.profiles, section);
    if (section.kind == "sso-session") add(into.sso_sessions, section);
    if (section.kind == "services") add(into.services, section);
  }
}

}  // namespace

std::string variable(const Environment& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string() : found->second;
}

std::string Profile::text(const std::string& key) const {
  const auto found = properties_.find(key);
  return found == properties_.end() ? std::string() : found->second.value;
}

std::string Profile::text(const std::string& key, const std::string& part) const {
  const auto found = properties_.find(key);
  if (found == properties_.end()) return {};
  const auto inner = found->second.parts.find(part);
  return inner == found->second.parts.end() ? std::string() : inner->second;
}

void Profile::merge(const Profile& other) {
  for (const auto& [key, property] : other.properties_) properties_[key] = property;
}

const Profile* SharedConfig::profile(const std::string& name) const {
  const auto found = profiles.find(name);
  return found == profiles.end() ? nullptr : &found->second;
}

std::string expand_home(const std::string& path, const Environment& environment) {
  const std::string home = variable(environment, "HOME");
  return path.starts_with("~/") && !home.empty() ? home + path.substr(1) : path;
}

SharedFiles shared_files(const Environment& environment) {
  const auto named = [&](const char* name, const char* otherwise) {
    const std::string set = variable(environment, name);
    return expand_home(set.empty() ? otherwise : set, environment);
  };
  return {named("AWS_CONFIG_FILE", "~/.aws/config"),
          named("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials")};
}

SharedConfig merge_shared(const IniFile& config, const IniFile& credentials) {
  SharedConfig merged;
  add_config_profiles(merged, config);
  for (const IniSection& section : credentials.sections)
    if (section.kind.empty()) add(merged.profiles, section);
  return merged;
}

base::Result<SharedConfig> load_shared_config(const SharedFiles& files) {
  CAPROCK_TRY(const IniFile config, load(files.config));
  CAPROCK_TRY(const IniFile credentials, load(files.credentials));
  return merge_shared(config, credentials);
}

}  // namespace caprock::aws
