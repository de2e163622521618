#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

// What a PDF says, read by `pdftotext -layout` and plain rules, apart from the parser that is measured by it.
namespace caprock::bench {

/// A page as columns of text: each line is split where two or more spaces are.
struct TruePage {
  std::vector<std::vector<std::string>> lines;
};

/// Throws std::runtime_error when pdftotext cannot read the file.
std::vector<TruePage> read_true_pages(const std::filesystem::path& file);

/// Letters and digits alone, lower case: what is left when spaces, hyphens and quotation marks may differ.
std::string folded(std::string_view text);

/// The running headers and footers of every page, folded: lines among the first or last of a page that, but
/// for their numbers, stand there on most pages of the document.
std::vector<std::set<std::string>> running_lines(const std::vector<TruePage>& pages);

/// Some phrases of a page, evenly spread over its lines: five words of one column, or the whole of a shorter
/// one. Running lines give none.
std::vector<std::string> phrases_of(const TruePage& page, const std::set<std::string>& running);

}  // namespace caprock::bench
