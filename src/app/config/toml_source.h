#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/setting_value.h"

namespace caprock::app {

/// One `key = value` of a file, or a `[table]` without keys of its own (then `key` is empty).
struct TomlEntry {
  std::string section;  ///< dotted path of its table, empty at the top of the file
  std::string key;
  std::optional<RawValue> value;  ///< nothing for what no setting can be: dates, arrays of anything but texts
  std::uint32_t line = 0;         ///< from 1
};

struct TomlProblem {
  std::uint32_t line = 0;
  std::string message;
};

struct TomlFile {
  std::vector<TomlEntry> entries;      ///< in the order of the file
  std::optional<TomlProblem> problem;  ///< set when the text is not TOML; there are no entries then
};

/// Reads TOML 1.0 (https://toml.io/en/v1.0.0). Never fails otherwise, whatever the bytes.
TomlFile read_toml(std::string_view text);

}  // namespace caprock::app
