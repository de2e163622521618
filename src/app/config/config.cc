#include "app/config/config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "app/config/setting_value.h"
#include "app/config/toml_source.h"
#include "base/suggest.h"

namespace caprock::app {
namespace {

using base::Setting;
using base::SettingsSection;

std::string path_of(const SettingsSection& section, const Setting& setting) {
  return section.name + "." + setting.key;
}
std::string shown_key(const std::string& section, const std::string& key) {
  return key.empty() ? fmt::format("[{}]", section) : fmt::format("[{}] {}", section, key);
}

std::string variable_of(const SettingsSection& section, const Setting& setting) {
  std::string name = "CAPROCK_" + section.name + "_" + setting.key;
  for (char& c : name)
    c = c == '.' || c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

std::string hint(const std::string& typed, const std::vector<std::string>& known) {
  if (const auto meant = base::did_you_mean(typed, known))
    return fmt::format("; did you mean \"{}\"?", *meant);
  return {};
}

/// One run over the sources.
class Loader {
 public:
  Loader(const std::vector<SettingsSection>& sections, std::map<std::string, Origin>& origins)
      : sections_(sections), origins_(origins) {}

  void file(const std::string& name, const std::string& text) {
    const TomlFile toml = read_toml(text);
    if (toml.problem) return error(fmt::format("{}:{}", name, toml.problem->line), "", toml.problem->message);
    for (const TomlEntry& entry : toml.entries) apply(name, entry);
  }

  void environment(const std::map<std::string, std::string>& variables) {
    std::vector<std::string> ours;
    for (const SettingsSection& section : sections_)
      for (const Setting& setting : section.settings) {
        std::vector<std::string> names = {variable_of(section, setting)};
        names.insert(names.end(), setting.environment.begin(), setting.environment.end());
        ours.insert(ours.end(), names.begin(), names.end());
        for (const std::string& name : names)
          if (const auto found = variables.find(name); found != variables.end() && !found->second.empty()) {
            set(section, setting, {Origin::Kind::kEnvironment, name, 0}, assign_text(setting, found->second));
            break;
          }
      }
    warn_of_strangers(variables, ours);
  }

  void flag(const ConfigFlag& flag) {
    for (const SettingsSection& section : sections_)
      for (const Setting& setting : section.settings)
        if (path_of(section, setting) == flag.setting)
          return set(section, setting, {Origin::Kind::kFlag, flag.flag, 0}, assign_text(setting, flag.value));
    error("flag " + flag.flag, flag.setting, "is not a setting" + hint(flag.setting, all_paths()));
  }

  ConfigReport report;

 private:
  const SettingsSection* section_named(const std::string& name) const {
    const auto found = std::ranges::find(sections_, name, &SettingsSection::name);
    return found == sections_.end() ? nullptr : &*found;
  }

  std::vector<std::string> section_names() const {
    std::vector<std::string> names;
    names.reserve(sections_.size());
    for (const SettingsSection& section : sections_) names.push_back(section.name);
    return names;
  }

  std::vector<std::string> all_paths() const {
    std::vector<std::string> paths;
    for (const SettingsSection& section : sections_)
      for (const Setting& setting : section.settings) paths.push_back(path_of(section, setting));
    return paths;
  }

  /// True for "rag" when there is a section "rag.parse".
  bool is_parent(const std::string& name) const {
    return std::ranges::any_of(sections_, [&](const auto& s) { return s.name.starts_with(name + "."); });
  }

  void apply(const std::string& file, const TomlEntry& entry) {
    const std::string where = fmt::format("{}:{}", file, entry.line);
    const SettingsSection* section = section_named(entry.section);
    if (section == nullptr) return unknown_section(where, entry);
    if (entry.key.empty()) return;
    const auto setting = std::ranges::find(section->settings, entry.key, &Setting::key);
    if (setting == section->settings.end()) return unknown_key(where, *section, entry.key);
    const Assigned assigned = entry.value ? assign_value(*setting, *entry.value)
                                          : std::unexpected("must be " + describe_allowed(*setting));
    set(*section, *setting, {Origin::Kind::kFile, file, entry.line}, assigned);
  }

  void unknown_section(const std::string& where, const TomlEntry& entry) {
    if (entry.section.empty())
      return error(where, entry.key,
                   "stands outside of any section; put it below one of: " + listed(section_names()));
    if (is_parent(entry.section) && entry.key.empty()) return;
    // Said once, at the table's own line.
    if (!entry.key.empty() && !is_parent(entry.section)) return;
    error(where, shown_key(entry.section, entry.key),
          "unknown section" + hint(entry.section, section_names()) + " Allowed: " + listed(section_names()));
  }

  void unknown_key(const std::string& where, const SettingsSection& section, const std::string& key) {
    std::vector<std::string> keys;
    keys.reserve(section.settings.size());
    for (const Setting& setting : section.settings) keys.push_back(setting.key);
    error(where, shown_key(section.name, key), "unknown key" + hint(key, keys) + " Allowed: " + listed(keys));
  }

  // Only a warning: Kubernetes puts variables such as CAPROCK_SERVER_PORT_80_TCP into every container that
  // runs beside a service of that name.
  void warn_of_strangers(const std::map<std::string, std::string>& variables,
                         const std::vector<std::string>& ours) {
    for (const auto& [name, value] : variables) {
      if (!name.starts_with("CAPROCK_") || std::ranges::find(ours, name) != ours.end()) continue;
      if (const auto meant = base::did_you_mean(name, ours))
        report.warnings.push_back(
            {"environment " + name, "", fmt::format("is not read; did you mean {}?", *meant)});
    }
  }

  void set(const SettingsSection& section, const Setting& setting, Origin origin, const Assigned& assigned) {
    if (!assigned) return error(origin.text(), shown_key(section.name, setting.key), assigned.error());
    origins_[path_of(section, setting)] = std::move(origin);
  }

  void error(std::string where, std::string key, std::string message) {
    report.errors.push_back({std::move(where), std::move(key), std::move(message)});
  }

  static std::string listed(const std::vector<std::string>& names) {
    return fmt::format("{}", fmt::join(names, ", "));
  }

  const std::vector<SettingsSection>& sections_;
  std::map<std::string, Origin>& origins_;
};

}  // namespace

std::string Origin::text() const {
  switch (kind) {
    case Kind::kDefault:
      return "default";
    case Kind::kFile:
      return fmt::format("{}:{}", name, line);
    case Kind::kEnvironment:
      return "environment " + name;
    case Kind::kFlag:
      return "flag " + name;
  }
  return {};
}

std::string ConfigProblem::text() const {
  return key.empty() ? fmt::format("{}: {}", where, message) : fmt::format("{}: {} {}", where, key, message);
}

Config::Config(std::vector<SettingsSection> sections) : sections_(std::move(sections)) {}

ConfigReport Config::load(const ConfigSources& sources) {
  Loader loader(sections_, origins_);
  if (sources.file_text) loader.file(sources.file, *sources.file_text);
  loader.environment(sources.environment);
  for (const ConfigFlag& flag : sources.flags) loader.flag(flag);
  return std::move(loader.report);
}

Origin Config::origin(const std::string& setting) const {
  const auto found = origins_.find(setting);
  return found == origins_.end() ? Origin{} : found->second;
}

std::optional<ConfigProblem> read_config_file(const std::string& path, ConfigSources& into) {
  std::error_code ignored;
  const bool folder = std::filesystem::is_directory(path, ignored);
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in || folder)
    return ConfigProblem{path, "", fmt::format("cannot be read: {}", std::strerror(folder ? EISDIR : errno))};
  into.file = path;
  into.file_text = std::string(std::istreambuf_iterator<char>(in), {});
  return std::nullopt;
}

std::map<std::string, std::string> process_environment() {
  std::map<std::string, std::string> variables;
  for (char** item = environ; item != nullptr && *item != nullptr; ++item) {
    const std::string_view text(*item);
    if (const auto equals = text.find('='); equals != std::string_view::npos)
      variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

}  // namespace caprock::app
