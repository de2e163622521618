#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "rag/parse/parsed.h"

namespace caprock::rag {

/// What the child writes: "CRP1", then a document or an error, then an end mark. Integers are LEB128.
std::string encode_outcome(const base::Result<ParsedDocument>& outcome);

/// The other side, which trusts nothing: sizes, UTF-8, order and bounds of all spans are checked. The child's
/// error, or kInternal for bytes that no child of ours writes.
base::Result<ParsedDocument> decode_outcome(std::string_view bytes);

}  // namespace caprock::rag
