#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include "base/secret.h"

namespace caprock::base {

/// A number of bytes. In files and variables: a plain number, or "64 KiB", "100 MB", "1 GiB".
struct Bytes {
  std::uint64_t count = 0;
  auto operator<=>(const Bytes&) const = default;
};

/// The variable behind a setting; its type decides how text is read and shown. Durations: "500ms", "10s",
/// "5m", "24h" or a plain number of seconds.
using SettingTarget = std::variant<bool*, std::int64_t*, double*, std::string*, std::vector<std::string>*,
                                   Bytes*, std::chrono::milliseconds*, Secret*, std::vector<Secret>*>;

/// One setting of a section. Bounds are inclusive and in the unit of the type (bytes, milliseconds).
struct Setting {
  std::string key;
  SettingTarget target;
  std::string help;
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  std::vector<std::string> choices = {};  ///< when not empty, the only texts allowed
  std::vector<std::string> environment =
      {};  ///< variables that users already have, besides CAPROCK_<SECTION>_<KEY>
};

/// The settings of one folder: `[name]` in the file. Every Settings struct has a `SettingsSection describe()`
/// whose targets are its own members, so that a setting's name, help, default and bounds stand once.
struct SettingsSection {
  std::string name;
  std::string help;
  std::vector<Setting> settings;
};

}  // namespace caprock::base
