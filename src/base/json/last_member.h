#pragma once

#include <string>
#include <string_view>

namespace caprock::base {

/// The text of the value of the last member `name` of the JSON object that ends with `text`, or nothing. Read
/// from the end, and only as far as needed, so that no tree is built and `text` may be cut at its front. For
/// text that others check: of what is no JSON it finds something or nothing, within `text`.
std::string_view last_member(std::string_view text, std::string_view name);
/// The same, of a string, without its quotes and escapes; empty for what is none.
std::string last_text(std::string_view text, std::string_view name);

}  // namespace caprock::base
