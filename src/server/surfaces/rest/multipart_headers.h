#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "server/surfaces/rest/multipart.h"

namespace caprock::server::rest {

/// The header section of a part (lines ended by CRLF, without the blank line) → a part without its body.
base::Result<Part> read_part_headers(std::string_view section, std::size_t number);

/// A file name as a client gave it → folder and name: `\` is `/`, drive letters, empty, "." and ".." segments
/// and control characters are dropped, so that the result is a relative path that leaves no folder.
struct CleanName {
  std::string folder;
  std::string name;
};
CleanName clean_file_name(std::string_view given);

/// Parameters of a header value such as `form-data; name="a"; filename*=UTF-8''x`: the first of `name`,
/// unquoted.
std::optional<std::string> header_parameter(std::string_view value, std::string_view name);

}  // namespace caprock::server::rest
