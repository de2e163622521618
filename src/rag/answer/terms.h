#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace caprock::rag {

/// A word of a text made comparable: case folded, marks off ("é" is "e"), English ending stripped. Scripts
/// without spaces (Chinese, Japanese, Thai …) give overlapping pairs of characters.
struct Term {
  std::string text;       ///< comparable form
  std::size_t start = 0;  ///< in bytes of the text it was read from
  std::size_t end = 0;
  bool stopword = false;     ///< says nothing of the matter: articles, pronouns, question words …
  bool capitalised = false;  ///< begins with an upper-case letter where it stands
  bool numeric = false;      ///< has a digit: "1,438", "2019", "B737"
  bool opens = false;        ///< first word of the text or after a full stop: its capital means nothing
};

/// The words of well-formed UTF-8 in order. Pure, linear.
std::vector<Term> terms_of(std::string_view text);

/// A folded English word without its ending ("interceptions" → "intercept"). Rough: both sides of every
/// comparison go through it.
std::string stem(std::string_view folded);

bool is_stopword(std::string_view folded);

}  // namespace caprock::rag
