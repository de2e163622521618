#include "rag/answer/mark_filter.h"

#include <algorithm>

#include "base/utf8.h"
#include "rag/chunk/chunker.h"

namespace caprock::rag {
namespace {

constexpr std::size_t kLongestMark = 24;    // bytes: "[1, 2, 3, 10]"
constexpr std::uint32_t kLargestRef = 999;  // "[2019]" is text

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The refs of "[1, 2]", or none when it is no mark.
std::vector<std::uint32_t> refs_of(std::string_view mark) {
  std::vector<std::uint32_t> refs;
  for (std::size_t i = 0; i < mark.size();) {
    if (!is_digit(mark[i])) {
      ++i;
      continue;
    }
    std::uint32_t ref = 0;
    while (i < mark.size() && is_digit(mark[i]) && ref <= kLargestRef)
      ref = ref * 10 + static_cast<std::uint32_t>(mark[i++] - '0');
    if (ref > kLargestRef) return {};
    refs.push_back(ref);
  }
  return refs;
}

}  // namespace

std::string MarkFilter::push(std::string_view piece) {
  std::string out;
  for (const char c : piece) step(c, out);
  return out;
}

void MarkFilter::give(std::string_view bytes, std::string& out) {
  out += bytes;
  text_ += bytes;
}

void MarkFilter::step(char c, std::string& out) {
  const std::size_t open = held_.find('[');
  if (open == std::string::npos) {
    if (c == ' ' || c == '[') {
      held_ += c;
    } else {
      give(held_ + c, out);
      held_.clear();
    }
    return;
  }
  held_ += c;
  if (c == ']') {
    const std::vector<std::uint32_t> refs = refs_of(std::string_view(held_).substr(open));
    if (refs.empty()) {
      give(held_, out);
    } else if (const auto numbers = take(refs); !numbers.empty()) {
      mark_statement(numbers);
      give(std::string_view(held_).substr(0, open), out);
      for (const std::uint32_t number : numbers) give("[" + std::to_string(number) + "]", out);
      statement_ = text_.size();
    }
    held_.clear();
  } else if ((!is_digit(c) && c != ',' && c != ' ') || held_.size() > open + kLongestMark) {
    give(held_, out);
    held_.clear();
  }
}

std::vector<std::uint32_t> MarkFilter::take(const std::vector<std::uint32_t>& refs) {
  std::vector<std::uint32_t> numbers;
  for (const std::uint32_t ref : refs) {
    const auto it = numbers_.find(ref);
    if (it == numbers_.end() || it->second.empty()) continue;
    const std::size_t turn = used_[ref]++;
    const std::uint32_t number = it->second[std::min(turn, it->second.size() - 1)];
    if (std::ranges::find(numbers, number) == numbers.end()) numbers.push_back(number);
  }
  return numbers;
}

/// A mark supports the sentence that it ends, from the mark before it at most.
void MarkFilter::mark_statement(const std::vector<std::uint32_t>& numbers) {
  const std::string_view since = std::string_view(text_).substr(statement_);
  const std::vector<ByteSpan> sentences = split_sentences(since);
  stores::TextSpan span;
  if (!sentences.empty()) {
    std::size_t start = statement_ + sentences.back().start;
    while (start < text_.size() && (text_[start] == ' ' || text_[start] == '.')) ++start;
    span.start =
        static_cast<std::uint32_t>(base::count_code_points(std::string_view(text_).substr(0, start)));
  } else {
    span.start =
        static_cast<std::uint32_t>(base::count_code_points(std::string_view(text_).substr(0, statement_)));
  }
  span.end = static_cast<std::uint32_t>(base::count_code_points(text_));
  span.start = std::min(span.start, span.end);
  for (const std::uint32_t number : numbers) spans_.emplace(number, span);
}

std::string MarkFilter::finish() {
  std::string out;
  if (held_.find('[') != std::string::npos) give(held_, out);
  held_.clear();
  std::vector<std::uint32_t> unmarked;
  for (const auto& [ref, numbers] : numbers_) {
    for (const std::uint32_t number : numbers) {
      if (!spans_.contains(number)) unmarked.push_back(number);
    }
  }
  std::ranges::sort(unmarked);
  if (unmarked.empty() || text_.empty()) return out;
  mark_statement(unmarked);
  give(" ", out);
  for (const std::uint32_t number : unmarked) give("[" + std::to_string(number) + "]", out);
  return out;
}

}  // namespace caprock::rag
