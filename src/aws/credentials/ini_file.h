#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace caprock::aws {

/// A `key = value`. A property whose value is on indented lines of the form `key = value` has parts:
///     s3 =
///       endpoint_url = http://localhost
struct IniProperty {
  std::string value;
  std::map<std::string, std::string> parts;
  std::uint32_t line = 0;  ///< from 1
};

struct IniSection {
  std::string kind;  ///< "profile", "sso-session", "services"; empty for `[name]`
  std::string name;
  std::map<std::string, IniProperty> properties;  ///< keys in lower case
};

struct IniProblem {
  std::uint32_t line = 0;
  std::string message;  ///< never quotes a value: it may be a secret
};

struct IniFile {
  std::vector<IniSection> sections;  ///< sections of one name are one, what comes later wins
  std::vector<IniProblem> problems;  ///< lines that were left out
};

/// Reads the format of AWS's shared files
/// (https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html): sections `[name]` and `[kind name]`,
/// comments by `#` and `;` at the start of a line or after white space within a value, indented lines that
/// continue a value. A line that is none of this is left out and reported; nothing fails, whatever the bytes.
IniFile read_ini(std::string_view text);

}  // namespace caprock::aws
