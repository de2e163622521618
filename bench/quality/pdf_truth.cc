#include "quality/pdf_truth.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>

#include "base/utf8.h"
#include "rag/parse/text/encoding.h"

namespace caprock::bench {
namespace {

constexpr std::size_t kWords = 5;        ///< of a phrase
constexpr std::size_t kFewestWords = 2;  ///< a shorter column says too little of where it stands
constexpr std::size_t kPhrases = 20;     ///< of a page
constexpr std::size_t kEdge = 3;         ///< lines at the top and bottom of a page that may be running
constexpr double kMost = 0.4;            ///< of the pages of a document: facing pages have lines of their own
constexpr std::size_t kShortest = 6;     ///< folded bytes of a running line that can be told from others

std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  std::string out;
  std::array<char, 65536> buffer{};
  while (pipe) {
    const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe.get());
    if (got == 0) break;
    out.append(buffer.data(), got);
  }
  if (out.empty()) throw std::runtime_error("nothing from: " + command);
  return out;
}

std::vector<std::string> columns_of(const std::string& line) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t end = std::min(line.find("  ", at), line.size());
    if (end > at) out.push_back(line.substr(at, end - at));
    at = line.find_first_not_of(' ', end);
    if (at == std::string::npos) break;
  }
  return out;
}

std::string joined(const std::vector<std::string>& columns) {
  std::string out;
  for (const std::string& column : columns) out += column + " ";
  return out;
}

/// A line without its numbers: "Page 3 of 8" is the line of every page.
std::string pattern(const std::string& folded_line) {
  std::string out;
  std::ranges::copy_if(folded_line, std::back_inserter(out), [](char c) { return c < '0' || c > '9'; });
  return out;
}

std::vector<std::string> edges(const TruePage& page) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < page.lines.size(); ++i) {
    if (i < kEdge || i + kEdge >= page.lines.size()) out.push_back(folded(joined(page.lines[i])));
  }
  return out;
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string word; in >> word;) out.push_back(word);
  return out;
}

/// The middle five words, so that what is cut or merged at the edges of a column does not matter.
std::string phrase_of(const std::string& column) {
  const std::vector<std::string> words = words_of(column);
  if (words.size() < kFewestWords) return {};
  const std::size_t first = words.size() > kWords ? (words.size() - kWords) / 2 : 0;
  std::string out;
  for (std::size_t i = first; i < std::min(words.size(), first + kWords); ++i)
    out += (out.empty() ? "" : " ") + words[i];
  return out;
}

}  // namespace

std::string folded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = base::next_code_point(text, at);
    const bool upper = c >= 'A' && c <= 'Z';
    const bool ascii = upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    const bool letter = c >= 0xC0 && (c < 0x2000 || c > 0x2BFF);
    if (ascii || letter) base::append_utf8(out, upper ? c + ('a' - 'A') : c);
  }
  return out;
}

std::vector<TruePage> read_true_pages(const std::filesystem::path& file) {
  const std::string text =
      rag::normalize_text(output_of("pdftotext -layout '" + file.string() + "' - 2>/dev/null"));
  std::vector<TruePage> pages;
  std::istringstream in(text);
  for (std::string page; std::getline(in, page, '\f');) {
    std::istringstream lines(page);
    TruePage& out = pages.emplace_back();
    for (std::string line; std::getline(lines, line);) {
      auto columns = columns_of(line);
      if (!columns.empty()) out.lines.push_back(std::move(columns));
    }
  }
  return pages;
}

std::vector<std::set<std::string>> running_lines(const std::vector<TruePage>& pages) {
  std::map<std::string, std::set<std::size_t>> on_pages;
  for (std::size_t p = 0; p < pages.size(); ++p) {
    for (const std::string& line : edges(pages[p])) on_pages[pattern(line)].insert(p);
  }
  const double most = std::max(2.0, kMost * static_cast<double>(pages.size()));
  std::vector<std::set<std::string>> out(pages.size());
  for (std::size_t p = 0; p < pages.size(); ++p) {
    for (const std::string& line : edges(pages[p])) {
      if (line.size() >= kShortest && static_cast<double>(on_pages[pattern(line)].size()) >= most)
        out[p].insert(line);
    }
  }
  return out;
}

std::vector<std::string> phrases_of(const TruePage& page, const std::set<std::string>& running) {
  std::vector<std::string> all;
  for (const auto& line : page.lines) {
    if (running.contains(folded(joined(line)))) continue;
    for (const std::string& column : line) {
      std::string phrase = phrase_of(column);
      if (!phrase.empty()) all.push_back(std::move(phrase));
    }
  }
  if (all.size() <= kPhrases) return all;
  std::vector<std::string> out;
  out.reserve(kPhrases);
  for (std::size_t i = 0; i < kPhrases; ++i) out.push_back(all[i * all.size() / kPhrases]);
  return out;
}

}  // namespace caprock::bench
