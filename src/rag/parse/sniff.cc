#include "rag/parse/sniff.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <string>
#include <vector>

namespace caprock::rag {
namespace {

constexpr std::size_t kSample = 16UL << 10;

std::string lower_start(std::string_view text) {
  std::size_t start = 0;
  while (start < text.size() && std::isspace(static_cast<unsigned char>(text[start])) != 0) ++start;
  std::string out(text.substr(start, 1024));
  std::ranges::transform(out, out.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::string_view trimmed(std::string_view line) {
  while (!line.empty() && std::isspace(static_cast<unsigned char>(line.front())) != 0) line.remove_prefix(1);
  while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back())) != 0) line.remove_suffix(1);
  return line;
}

// The whole lines of the sample; the last one only when the text ends there.
std::vector<std::string_view> sample_lines(std::string_view text, std::size_t most) {
  std::vector<std::string_view> lines;
  const std::string_view sample = text.substr(0, kSample);
  for (std::size_t start = 0; start < sample.size() && lines.size() < most;) {
    const std::size_t end = sample.find('\n', start);
    if (end == std::string_view::npos && sample.size() < text.size() && !lines.empty()) break;
    lines.push_back(sample.substr(start, end == std::string_view::npos ? end : end - start));
    start = end == std::string_view::npos ? sample.size() : end + 1;
  }
  return lines;
}

// Fields in each record of the sample, quotes respected.
std::vector<std::size_t> field_counts(std::string_view sample, char delimiter, bool whole) {
  std::vector<std::size_t> counts;
  std::size_t fields = 1;
  bool quoted = false;
  bool empty = true;
  for (const char c : sample) {
    if (c == '"') quoted = !quoted;
    if (c == '\n' && !quoted) {
      if (!empty) counts.push_back(fields);
      fields = 1;
      empty = true;
      continue;
    }
    empty = false;
    fields += c == delimiter && !quoted;
  }
  if (whole && !empty) counts.push_back(fields);
  return counts;
}

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + what.size()))
    ++found;
  return found;
}

bool is_atx_heading(std::string_view line) {
  const std::size_t marks = std::min(line.find_first_not_of('#'), line.size());
  return marks >= 1 && marks <= 6 && line.size() > marks + 1 && line[marks] == ' ';
}

}  // namespace

bool looks_like_html(std::string_view text) {
  const std::string start = lower_start(text);
  constexpr std::array<std::string_view, 6> kStarts{"<!doctype html", "<html",  "<head",
                                                    "<body",          "<meta ", "<title>"};
  if (std::ranges::any_of(kStarts, [&](std::string_view s) { return start.starts_with(s); })) return true;
  if (start.starts_with("<?xml") || start.starts_with("<!--"))
    return start.find("<html") != std::string::npos;
  return false;
}

bool looks_like_json_lines(std::string_view text) {
  const auto is_object = [](std::string_view line) { return line.starts_with("{") && line.ends_with("}"); };
  std::size_t objects = 0;
  for (std::string_view line : sample_lines(text, 20)) {
    line = trimmed(line);
    if (line.empty()) continue;
    if (!is_object(line))
      return objects > 0 && line.starts_with("{\"") && line.data() + line.size() >= text.data() + kSample;
    ++objects;
  }
  return objects >= 2 || (objects == 1 && text.size() > kSample);
}

char sniff_delimiter(std::string_view text, bool expected) {
  const bool whole = text.size() <= kSample;
  char best = '\0';
  std::size_t best_columns = 0;
  for (const char delimiter : {',', '\t', ';', '|'}) {
    const std::vector<std::size_t> counts = field_counts(text.substr(0, kSample), delimiter, whole);
    if (counts.size() < (expected ? 1U : 3U)) continue;
    const std::size_t columns = counts.front();
    const auto same = static_cast<std::size_t>(std::ranges::count(counts, columns));
    const bool regular = expected ? same * 10 >= counts.size() * 7 : same == counts.size();
    if (columns < (expected ? 2U : 3U) || !regular || columns <= best_columns) continue;
    best = delimiter;
    best_columns = columns;
  }
  return best;
}

bool looks_like_markdown(std::string_view text) {
  const std::string_view sample = text.substr(0, kSample);
  std::size_t headings = 0;
  std::size_t lists = 0;
  for (const std::string_view line : sample_lines(text, 400)) {
    headings += is_atx_heading(line);
    lists += line.starts_with("- ") || line.starts_with("* ");
  }
  const std::size_t marks =
      count(sample, "](") + count(sample, "\n```") + count(sample, "**") / 2 + lists / 3;
  return (headings >= 1 && marks >= 1) || headings >= 3;
}

}  // namespace caprock::rag
