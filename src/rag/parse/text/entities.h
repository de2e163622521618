#pragma once

#include <string>
#include <string_view>

namespace caprock::rag {

/// Replaces the five entities of XML, &nbsp; and numeric references; anything else stays as it is.
std::string unescape_entities(std::string_view text);

}  // namespace caprock::rag
