#pragma once

#include <map>
#include <pugixml.hpp>
#include <string>
#include <string_view>

namespace caprock::rag::office {

/// What the styles of a Word document say about structure. ECMA-376 part 1, 17.7.
class WordStyles {
 public:
  WordStyles() = default;
  explicit WordStyles(const pugi::xml_node& styles);
  /// 1–6 for a heading style, its own or that of a style it is based on; 0 for others.
  int heading_level(std::string_view style_id) const;
  bool is_title(std::string_view style_id) const;
  bool is_list(std::string_view style_id) const;

 private:
  struct Style {
    std::string name;  ///< lower case: "heading 1" in every language of Word
    std::string based_on;
    int outline = -1;  ///< from 0
    bool numbered = false;
  };
  const Style* find(std::string_view id) const;
  std::map<std::string, Style, std::less<>> styles_;
};

}  // namespace caprock::rag::office
