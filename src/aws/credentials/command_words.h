#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caprock::aws {

/// The words of a command line by the rules of a POSIX shell for quotes and backslashes, and nothing else of
/// a shell: no variables, no globs, no pipes. That is what AWS's SDKs do with `credential_process`. Nothing
/// for an open quote, a backslash at the end, a NUL byte, or no word at all.
std::optional<std::vector<std::string>> command_words(std::string_view text);

}  // namespace caprock::aws
