#pragma once

#include "rag/parse/formats.h"
#include "rag/parse/parser.h"

namespace caprock::rag {

/// Parses in a child process: this program again, under the limits of `settings` (sandbox.h). Whatever
/// happens to the child comes back as an error with a reason for the user. Errors as of parse_document.
base::Result<ParsedDocument> parse_in_child(const Format& format, const ParseRequest& request,
                                            const ParseSettings& settings);

}  // namespace caprock::rag
