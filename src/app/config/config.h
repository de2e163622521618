#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/settings.h"

namespace caprock::app {

/// Where the value of a setting came from.
struct Origin {
  enum class Kind : std::uint8_t { kDefault, kFile, kEnvironment, kFlag };
  Kind kind = Kind::kDefault;
  std::string name;        ///< of the file, the variable or the flag
  std::uint32_t line = 0;  ///< in the file, from 1
  /// "default", "caprock.toml:12", "environment CAPROCK_SERVER_LISTEN", "flag --listen".
  std::string text() const;
};

/// Something wrong in a source, in words that say what to change.
struct ConfigProblem {
  std::string where;    ///< "caprock.toml:12", "environment NAME", "flag --listen"
  std::string key;      ///< "[server] listen"; empty when the whole file is meant
  std::string message;  ///< "is 0; must be a whole number from 1 to 64"
  std::string text() const;
};

struct ConfigFlag {
  std::string flag;     ///< as typed: "--listen"
  std::string setting;  ///< "server.listen"
  std::string value;
};

/// Everything that settings are read from, as values: the caller reads the file and the environment.
struct ConfigSources {
  std::string file;  ///< its name in messages
  std::optional<std::string> file_text;
  std::map<std::string, std::string> environment;  ///< an empty value counts as not set
  std::vector<ConfigFlag> flags;
};

struct ConfigReport {
  std::vector<ConfigProblem> errors;    ///< all of them, not only the first
  std::vector<ConfigProblem> warnings;  ///< variables that look like ours and mean nothing
  bool ok() const { return errors.empty(); }
};

/// The settings of the whole process: reads sources into the variables that the sections point to and
/// remembers where each value came from. Order: flag, environment (CAPROCK_<SECTION>_<KEY> before a setting's
/// other names), file, default. The variables must outlive it. Not thread safe.
class Config {
 public:
  explicit Config(std::vector<base::SettingsSection> sections);

  /// Applies what is right and reports what is not. Call it once: what no source names keeps its default.
  ConfigReport load(const ConfigSources& sources);

  const std::vector<base::SettingsSection>& sections() const { return sections_; }
  /// Of "server.listen"; the default origin for what is not known.
  Origin origin(const std::string& setting) const;

  /// All settings with help and origin, as a file that can be used again. Secrets are hidden: a secret that
  /// is set is a comment.
  std::string to_toml() const;
  /// `{"server":{"listen":{"value":…,"origin":"…"}}}`, secrets as "***".
  std::string to_json() const;

 private:
  std::vector<base::SettingsSection> sections_;
  std::map<std::string, Origin> origins_;
};

/// Reads `path`; the message of the problem names it.
std::optional<ConfigProblem> read_config_file(const std::string& path, ConfigSources& into);
/// The environment of this process.
std::map<std::string, std::string> process_environment();

}  // namespace caprock::app
