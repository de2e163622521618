#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace caprock::app {

/// What the lock file of a data folder says about the process that holds it.
struct LockHolder {
  int pid = 0;
  std::string address;  ///< "127.0.0.1:8080"; empty: it does not listen, or not yet
  bool tls = false;
  base::Secret token;  ///< accepted by its server as the owner's key
  /// "process 4711 at 127.0.0.1:8080".
  std::string text() const;
};

/// $XDG_DATA_HOME/caprock, or ~/.local/share/caprock; empty when neither variable is set.
std::filesystem::path default_data_folder(const std::map<std::string, std::string>& environment);

/// The folder that everything durable is in, held by this process alone: `caprock.lock` in it is locked
/// (flock) for as long as this object lives, so a process that dies holds nothing. The file is readable by
/// its owner only.
class DataFolder {
 public:
  /// Makes the folder (0700) when there is none and takes it. Errors, each with a message for the user:
  /// kConflict names the holder; kPermissionDenied when it cannot be made or written; kInvalidArgument for an
  /// empty path.
  static base::Result<DataFolder> open(const std::filesystem::path& path);
  ~DataFolder();
  DataFolder(DataFolder&&) noexcept;
  DataFolder& operator=(DataFolder&&) noexcept;

  const std::filesystem::path& path() const;
  /// Tells other processes of this user where the server listens and which token lets them in. In one step: a
  /// reader sees the old content or the new one.
  base::Result<void> publish(const std::string& address, bool tls, const base::Secret& token);

 private:
  struct State;
  explicit DataFolder(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Who holds the folder now; nothing when nobody does (also: no such folder, or a file left by a process that
/// died).
std::optional<LockHolder> lock_holder(const std::filesystem::path& data_folder);

}  // namespace caprock::app
