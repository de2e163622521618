#pragma once

#include <gumbo.h>

#include <string_view>

namespace caprock::rag {

bool is_element(const GumboNode* node);
GumboTag tag_of(const GumboNode& node);
std::string_view attribute(const GumboNode& node, const char* name);
/// 1–6, or 0.
int heading_level(GumboTag tag);
/// Begins and ends a line of its own.
bool is_block(GumboTag tag);
/// Never holds text to read: scripts, styles, forms' controls, hidden elements, navigation.
bool is_skipped(const GumboNode& node);
/// Header, footer and asides of a page that does not mark its main content.
bool is_page_furniture(const GumboNode& node);

}  // namespace caprock::rag
