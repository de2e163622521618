#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace caprock::server::anthropic {

/// Where each part of a request stood in the client's body. Inside there are blocks that the body does not
/// have (cache points) and fewer messages (several of one role in a row are one), so what a provider says of
/// "messages[0].content[3]" would name another block than the client's.
struct Places {
  std::vector<std::vector<std::string>> messages = {};  ///< by message and block: "messages.0.content.2"
  std::vector<std::string> system = {};
  std::vector<std::string> tools = {};

  /// The member of the client's body that `field`, a path of the inside, speaks of.
  std::string of(std::string_view field) const;
  /// The error with its field, also within the message, in the client's words.
  base::Error restate(base::Error error) const;
};

}  // namespace caprock::server::anthropic
