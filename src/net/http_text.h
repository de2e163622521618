#pragma once

#include <string_view>

namespace caprock::net {

/// Whether two names of headers are one (RFC 9110 §5.1): compared without case, in ASCII.
bool same_name(std::string_view a, std::string_view b);
/// Whether it is a `token` of RFC 9110 §5.6.2: what names of headers and methods are made of.
bool is_token(std::string_view text);
/// Whether it may be a header's value: no control characters but tabs.
bool is_field_value(std::string_view text);

}  // namespace caprock::net
