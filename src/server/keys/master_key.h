#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "base/settings.h"

namespace caprock::server {

/// `[keys]`.
struct KeySettings {
  base::Secret master_key;  ///< 64 hex digits; empty: the file `master.key` of the data folder
  base::SettingsSection describe();
};

/// The key that seals what has to be read again (secrets of SigV4 pairs), by AES-256-GCM. Immutable, any
/// thread.
class MasterKey {
 public:
  /// kInvalidArgument for anything but 64 hex digits.
  static base::Result<MasterKey> parse(const base::Secret& hex);
  /// Reads the file; nothing when there is none. kPermissionDenied when others may read it.
  static base::Result<std::optional<MasterKey>> load(const std::filesystem::path& file);
  /// Makes a random key and the file, readable by its owner only, durable before this returns. Errors:
  /// kConflict when the file exists, those of the disk.
  static base::Result<MasterKey> create(const std::filesystem::path& file);

  /// `label` says what is sealed and must be the same to open it: a sealed text cannot be moved elsewhere.
  std::string seal(std::string_view text, std::string_view label) const;
  /// Nothing when it was sealed by another key, under another label, or changed.
  std::optional<base::Secret> open(std::string_view sealed, std::string_view label) const;

 private:
  explicit MasterKey(base::Secret bytes) : bytes_(std::move(bytes)) {}
  base::Secret bytes_;  ///< 32
};

}  // namespace caprock::server
