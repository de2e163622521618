#pragma once

#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace caprock::rag::office {

/// Parses a part; kInvalidArgument names it. DTDs are skipped, so there are no entities that grow or reach
/// out.
base::Result<void> load(pugi::xml_document& document, const std::string& xml, std::string_view part);

/// The name without its namespace prefix: producers choose different ones ("w:p", "ns0:p").
std::string_view local_name(const pugi::xml_node& node);
pugi::xml_node child(const pugi::xml_node& node, std::string_view name);
/// The attribute by its local name, or empty.
std::string_view attribute(const pugi::xml_node& node, std::string_view name);
/// A switch element such as <w:b/>: on when present, unless its value says off.
bool is_on(const pugi::xml_node& node);

}  // namespace caprock::rag::office
