#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/cli/api_client.h"
#include "app/cli/terminal.h"
#include "app/config/config.h"
#include "gateway/pricing/settings.h"
#include "net/settings.h"

namespace caprock::app {

/// Exit codes, as docs/cli.md tells them.
enum ExitCode : int {
  kExitOk = 0,
  kExitFailed = 1,       ///< the request failed, or some of the documents did
  kExitUsage = 2,        ///< wrong command line or configuration
  kExitAbstained = 3,    ///< the question was understood, but the documents do not answer it
  kExitUnreachable = 4,  ///< no server, or the data folder cannot be used
};

struct ServeOptions {
  std::filesystem::path data;
  std::filesystem::path docs;  ///< folder to be ingested as collection "caprock-docs" at start, or empty
  std::string config_file;     ///< absolute, or empty: what SIGHUP reads again
};

/// What the command line is given by the program. `sections` point to the settings that `net`, `pricing`,
/// `serve` and `open_alone` use: they are filled before any of these is called.
struct CommandEnvironment {
  std::string version;
  std::map<std::string, std::string> variables;  ///< the environment of the process
  Terminal terminal;
  std::vector<base::SettingsSection> sections;
  const net::NetSettings& net;
  const gateway::PricingSettings& pricing;
  /// What no single setting can say: an address that others can reach needs a key, …; may be empty.
  std::function<base::Result<void>()> check_settings;
  /// Runs until it is told to stop; the process's exit code.
  std::function<int(const ServeOptions&)> serve;
  /// Opens the data folder for this process alone. Errors as those of DataFolder::open and of the stores.
  std::function<base::Result<std::unique_ptr<ApiClient>>(const std::filesystem::path& data)> open_alone;
};

/// The whole program after main has put the environment together. Never throws.
int run_command_line(const std::vector<std::string>& arguments, const CommandEnvironment& environment);

}  // namespace caprock::app
