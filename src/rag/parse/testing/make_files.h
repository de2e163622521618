#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace caprock::rag::testing {

/// A line of a PDF page: points from the top left.
struct PdfLine {
  double x;
  double y;
  double size;
  std::string text;
};

/// A small valid PDF with Helvetica text; a page without lines has none (a scan).
std::string make_pdf(const std::vector<std::vector<PdfLine>>& pages);
/// A PDF that asks for a password nobody knows.
std::string make_locked_pdf();

std::string make_zip(const std::map<std::string, std::string>& files);
/// A .docx around the content of <w:body>.
std::string make_docx(std::string_view body);
/// An .xlsx with one sheet "Sales" around the content of <sheetData>.
std::string make_xlsx(std::string_view rows, const std::vector<std::string>& shared_strings);

}  // namespace caprock::rag::testing
