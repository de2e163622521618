#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rag/parse/pdf/page.h"

namespace caprock::rag::pdf {

struct BboxDocument {
  std::string title;  ///< of the PDF's metadata
  std::vector<Page> pages;
};

/// Reads what `pdftotext -bbox-layout` writes. It is a scanner for that one shape, not an XML parser: its
/// output is not always well formed (unescaped bytes in metadata). Unknown tags are skipped, broken numbers
/// are 0, text without a box is dropped. kInvalidArgument when there is no page at all, kPayloadTooLarge
/// above `max_text` bytes of words.
base::Result<BboxDocument> read_bbox(std::string_view xhtml, std::size_t max_text);

}  // namespace caprock::rag::pdf
