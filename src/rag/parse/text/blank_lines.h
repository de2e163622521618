#pragma once

#include <string_view>
#include <vector>

namespace caprock::rag {

/// The paragraphs of a text: what stands between blank lines (lines of white space only), without the spaces
/// around.
std::vector<std::string_view> split_at_blank_lines(std::string_view text);

}  // namespace caprock::rag
