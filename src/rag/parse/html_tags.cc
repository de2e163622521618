#include "rag/parse/html_tags.h"

#include <array>
#include <string>

#include "rag/parse/text/is_one_of.h"

namespace caprock::rag {

bool is_element(const GumboNode* node) {
  return node->type == GUMBO_NODE_ELEMENT || node->type == GUMBO_NODE_TEMPLATE;
}

GumboTag tag_of(const GumboNode& node) { return node.v.element.tag; }

std::string_view attribute(const GumboNode& node, const char* name) {
  const GumboAttribute* found = gumbo_get_attribute(&node.v.element.attributes, name);
  return found == nullptr ? std::string_view{} : std::string_view(found->value);
}

int heading_level(GumboTag tag) {
  return tag >= GUMBO_TAG_H1 && tag <= GUMBO_TAG_H6
             ? static_cast<int>(tag) - static_cast<int>(GUMBO_TAG_H1) + 1
             : 0;
}

bool is_block(GumboTag tag) {
  constexpr std::array kBlocks{
      GUMBO_TAG_P,       GUMBO_TAG_DIV,     GUMBO_TAG_SECTION,    GUMBO_TAG_ARTICLE,    GUMBO_TAG_MAIN,
      GUMBO_TAG_UL,      GUMBO_TAG_OL,      GUMBO_TAG_LI,         GUMBO_TAG_DL,         GUMBO_TAG_DT,
      GUMBO_TAG_DD,      GUMBO_TAG_TABLE,   GUMBO_TAG_TR,         GUMBO_TAG_TD,         GUMBO_TAG_TH,
      GUMBO_TAG_CAPTION, GUMBO_TAG_PRE,     GUMBO_TAG_BLOCKQUOTE, GUMBO_TAG_FIGURE,     GUMBO_TAG_HR,
      GUMBO_TAG_HEADER,  GUMBO_TAG_FOOTER,  GUMBO_TAG_ASIDE,      GUMBO_TAG_FIGCAPTION, GUMBO_TAG_ADDRESS,
      GUMBO_TAG_CENTER,  GUMBO_TAG_DETAILS, GUMBO_TAG_SUMMARY,    GUMBO_TAG_BODY,       GUMBO_TAG_FIELDSET};
  return heading_level(tag) > 0 || is_one_of(kBlocks, tag);
}

bool is_skipped(const GumboNode& node) {
  constexpr std::array kSkipped{
      GUMBO_TAG_HEAD,   GUMBO_TAG_SCRIPT, GUMBO_TAG_STYLE, GUMBO_TAG_NOSCRIPT, GUMBO_TAG_TEMPLATE,
      GUMBO_TAG_NAV,    GUMBO_TAG_SVG,    GUMBO_TAG_MATH,  GUMBO_TAG_IFRAME,   GUMBO_TAG_OBJECT,
      GUMBO_TAG_BUTTON, GUMBO_TAG_SELECT, GUMBO_TAG_INPUT, GUMBO_TAG_TEXTAREA, GUMBO_TAG_CANVAS,
      GUMBO_TAG_AUDIO,  GUMBO_TAG_VIDEO,  GUMBO_TAG_MENU,  GUMBO_TAG_DATALIST, GUMBO_TAG_FRAMESET};
  if (is_one_of(kSkipped, tag_of(node))) return true;
  const GumboVector& attributes = node.v.element.attributes;
  if (attributes.length == 0) return false;
  const std::string_view role = attribute(node, "role");
  if (role == "navigation" || role == "banner" || role == "contentinfo" || role == "search") return true;
  if (gumbo_get_attribute(&attributes, "hidden") != nullptr || attribute(node, "aria-hidden") == "true")
    return true;
  const std::string_view style = attribute(node, "style");
  return style.find("display:none") != std::string_view::npos ||
         style.find("display: none") != std::string_view::npos;
}

bool is_page_furniture(const GumboNode& node) {
  constexpr std::array kFurniture{GUMBO_TAG_FOOTER, GUMBO_TAG_ASIDE};
  return is_one_of(kFurniture, tag_of(node));
}

}  // namespace caprock::rag
