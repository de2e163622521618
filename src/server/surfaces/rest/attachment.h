#pragma once

#include <string>
#include <string_view>

#include "server/exchange.h"
#include "stores/types.h"

namespace caprock::server::rest {

/// Headers for bytes that came from outside: saved, never run. A browser that shows them all the same gives
/// them no script, no origin and no guess at their type.
Headers attachment_headers(const stores::Document& document);

/// `attachment` with the name both plain and as RFC 8187 has it.
std::string content_disposition(std::string_view file_name);

}  // namespace caprock::server::rest
