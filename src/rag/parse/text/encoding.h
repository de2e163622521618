#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace caprock::rag {

/// The charset of a Content-Type ("text/plain; charset=utf-16" → "utf-16"), lower case, or empty.
std::string charset_of(std::string_view content_type);

/// True when the bytes cannot be text of any encoding read here: NUL or many control characters.
bool looks_binary(std::string_view bytes);

/// Bytes of unknown encoding as UTF-8: byte order mark, then UTF-8 if it is, then UTF-16 by its pattern, then
/// `charset` (any name ICU knows), else Windows-1252, of which Latin-1 is a part. A UTF-8 text with a few
/// broken bytes stays UTF-8. Never fails: what has no meaning becomes U+FFFD. The result is not yet
/// normalized.
std::string decode_text(std::string_view bytes, std::string_view charset = {});

/// UTF-8 in NFC with "\n" line ends; ligatures (ﬁ) are spelled out, no-break and other odd spaces become
/// plain ones, soft hyphens, zero-width and control characters go; tabs and form feeds stay. Costs one scan
/// for plain ASCII.
std::string normalize_text(std::string text);

}  // namespace caprock::rag
