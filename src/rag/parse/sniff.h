#pragma once

#include <string_view>

namespace caprock::rag {

// What a text is, by its structure alone. All look at the first part of it only, and never fail.

/// A document or fragment that begins as HTML does: doctype, <html>, <head>, <body>, or an XML prolog with
/// XHTML.
bool looks_like_html(std::string_view text);
/// One JSON object a line, at least two lines of them.
bool looks_like_json_lines(std::string_view text);
/// The delimiter of a table: ',', ';', '\t' or '|', when three or more lines have the same number (≥ 2
/// columns; ≥ 3 unless `expected`) of fields; '\0': no table.
char sniff_delimiter(std::string_view text, bool expected);
/// Headings with "#", fenced code, or several links, emphasis and lists.
bool looks_like_markdown(std::string_view text);

}  // namespace caprock::rag
