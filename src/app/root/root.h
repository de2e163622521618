#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "app/root/process_settings.h"
#include "base/result.h"
#include "server/dispatch.h"

namespace caprock::app {

/// The composition root: owns every service over one data folder in order of dependency and wires them.
/// Everything else holds references. The data folder must be held by this process (DataFolder).
class Root {
 public:
  /// Opens the stores, wires the services and starts their workers. Blocks. The settings must outlive it; the
  /// errors are those of the stores and of settings that only their users can check. `owner_token`: see
  /// server::Auth.
  static base::Result<std::unique_ptr<Root>> open(const ProcessSettings& settings,
                                                  const std::filesystem::path& folder,
                                                  const base::Secret& owner_token);
  /// Stops the workers first: documents in work stay pending, running turns end.
  ~Root();
  Root(const Root&) = delete;
  Root& operator=(const Root&) = delete;

  server::Dispatcher& dispatcher();
  /// Whether a caller ever got a key of its own.
  bool keys_issued() const;
  base::MetricRegistry& metrics();
  /// Reads the price file again; a bad one changes nothing and is told in the log and by /ready. Blocks.
  void reload_prices();
  /// A loop of the root's own, for work that no connection asked for.
  boost::asio::any_io_executor executor();
  /// Takes the text files of a folder in as a collection, in the background; equal ones change nothing.
  void take_in_folder(const std::filesystem::path& folder, const std::string& collection);

 private:
  struct State;
  explicit Root(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// As /health and `caprock version` tell it.
std::string version();

}  // namespace caprock::app
