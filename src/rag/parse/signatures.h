#pragma once

#include <string_view>

namespace caprock::rag {

/// What bytes are by their first bytes (or a ZIP's directory), for what is not text.
struct Signature {
  std::string_view type;    ///< the content type of a format read here, else empty
  std::string_view what;    ///< for people: "a PNG image"
  std::string_view advice;  ///< what to do instead, or empty
};

/// An empty `what`: no known binary format.
Signature find_signature(std::string_view bytes);

}  // namespace caprock::rag
