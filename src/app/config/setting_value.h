#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/settings.h"

namespace caprock::app {

/// A value as a typed file gives it. Environment and flags give text only: `assign_text`.
using RawValue = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>>;

/// What was wrong, for a person: "is 0; must be a whole number from 1 to 64". Never holds a secret.
using Assigned = std::expected<void, std::string>;

/// Writes `value` to the setting's variable, which stays as it was when the type, a bound or the choice is
/// wrong.
Assigned assign_value(const base::Setting& setting, const RawValue& value);
/// The same from text; lists are separated by commas.
Assigned assign_text(const base::Setting& setting, std::string_view text);

/// "a whole number from 1 to 64", "a duration such as "10s" or "5m", at most 1h", …
std::string describe_allowed(const base::Setting& setting);

/// The current value as TOML would write it. A secret that is set is shown as "***".
std::string toml_value(const base::Setting& setting);
bool is_secret(const base::Setting& setting);
/// A TOML basic string with quotes.
std::string toml_quote(std::string_view text);

/// "500ms", "10s", "5m", "24h", "2d" or a number of seconds; "64 KiB", "100 MB" or a number of bytes.
std::expected<std::chrono::milliseconds, std::string> parse_duration(std::string_view text);
std::expected<base::Bytes, std::string> parse_bytes(std::string_view text);
/// The shortest text that reads back as the same value.
std::string format_duration(std::chrono::milliseconds span);
std::string format_bytes(base::Bytes bytes);

}  // namespace caprock::app
