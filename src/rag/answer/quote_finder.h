#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "rag/chunk/chunker.h"
#include "stores/types.h"

namespace caprock::rag {

/// Where `quote` stands in `source`, in bytes of `source`: exact but for white space (any run is one space,
/// line breaks and NBSP included), typographic variants (quotes, dashes, ellipsis, ligatures), soft hyphens
/// and zero-width characters, and composed or decomposed accents. Marks of quotation or omission around the
/// quote and a full stop that the source does not have are forgiven. Whole words only. Nothing when it does
/// not stand there. Pure; any bytes are taken.
std::optional<ByteSpan> find_quote(std::string_view source, std::string_view quote);

/// A piece of a document's text and where it begins, in code points of the document.
struct SourceText {
  std::string text;
  std::uint32_t start = 0;
};

/// Overlapping or neighbouring chunks of one document, by index, as one text. Between blocks there is white
/// space only, so a small gap is filled with line breaks; the text ends before a larger one.
SourceText join_chunks(std::span<const stores::Chunk> chunks);

}  // namespace caprock::rag
