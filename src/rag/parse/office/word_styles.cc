#include "rag/parse/office/word_styles.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "rag/parse/office/xml.h"

namespace caprock::rag::office {
namespace {

constexpr int kLongestChain = 10;  ///< of styles based on each other; they may form a ring

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

int to_int(std::string_view text, int otherwise) {
  int value = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

WordStyles::WordStyles(const pugi::xml_node& styles) {
  for (const pugi::xml_node& node : styles.children()) {
    if (local_name(node) != "style" || attribute(node, "type") != "paragraph") continue;
    const pugi::xml_node properties = child(node, "pPr");
    styles_[std::string(attribute(node, "styleId"))] = {
        .name = lower(attribute(child(node, "name"), "val")),
        .based_on = std::string(attribute(child(node, "basedOn"), "val")),
        .outline = to_int(attribute(child(properties, "outlineLvl"), "val"), -1),
        .numbered = static_cast<bool>(child(properties, "numPr"))};
  }
}

const WordStyles::Style* WordStyles::find(std::string_view id) const {
  const auto found = styles_.find(id);
  return found == styles_.end() ? nullptr : &found->second;
}

int WordStyles::heading_level(std::string_view style_id) const {
  const Style* style = find(style_id);
  for (int i = 0; style != nullptr && i < kLongestChain; ++i, style = find(style->based_on)) {
    if (style->name.starts_with("heading ")) return std::clamp(to_int(style->name.substr(8), 1), 1, 6);
    if (style->outline >= 0 && style->outline < 9) return std::min(style->outline + 1, 6);
  }
  // Documents made by programs often have no styles part, only the usual ids.
  const std::string id = lower(style_id);
  return styles_.empty() && id.starts_with("heading")
             ? std::clamp(to_int(std::string_view(id).substr(7), 1), 1, 6)
             : 0;
}

bool WordStyles::is_title(std::string_view style_id) const {
  const Style* style = find(style_id);
  return style != nullptr ? style->name == "title" : style_id == "Title";
}

bool WordStyles::is_list(std::string_view style_id) const {
  const Style* style = find(style_id);
  for (int i = 0; style != nullptr && i < kLongestChain; ++i, style = find(style->based_on))
    if (style->numbered || style->name.starts_with("list bullet") || style->name.starts_with("list number"))
      return true;
  return false;
}

}  // namespace caprock::rag::office
