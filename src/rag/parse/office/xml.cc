#include "rag/parse/office/xml.h"

#include <new>

namespace caprock::rag::office {
namespace {

std::string_view without_prefix(std::string_view name) {
  const std::size_t colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

}  // namespace

base::Result<void> load(pugi::xml_document& document, const std::string& xml, std::string_view part) {
  const pugi::xml_parse_result result =
      document.load_buffer(xml.data(), xml.size(), pugi::parse_default | pugi::parse_ws_pcdata_single);
  if (result) return {};
  if (result.status == pugi::status_out_of_memory) throw std::bad_alloc();
  return base::failure(base::invalid_argument("content", "the Office document is broken: its part " +
                                                             std::string(part) + " is not XML (" +
                                                             result.description() + ")"));
}

std::string_view local_name(const pugi::xml_node& node) { return without_prefix(node.name()); }

pugi::xml_node child(const pugi::xml_node& node, std::string_view name) {
  for (const pugi::xml_node& inner : node.children())
    if (local_name(inner) == name) return inner;
  return {};
}

std::string_view attribute(const pugi::xml_node& node, std::string_view name) {
  for (const pugi::xml_attribute& one : node.attributes())
    if (without_prefix(one.name()) == name) return one.value();
  return {};
}

bool is_on(const pugi::xml_node& node) {
  if (!node) return false;
  const std::string_view value = attribute(node, "val");
  return value != "0" && value != "false" && value != "off" && value != "none";
}

}  // namespace caprock::rag::office
