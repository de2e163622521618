#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace caprock::stores::text {

/// Goes up when the same text gives other terms: segments remember with which they were made.
inline constexpr std::uint32_t kAnalyzerVersion = 1;
/// Longer terms are cut: nobody types them, and base64 must not fill the dictionary.
inline constexpr std::size_t kMaxTermBytes = 48;

/// Terms in the order of the text, in one buffer that is reused.
class TermList {
 public:
  std::size_t size() const { return ends_.size(); }
  std::string_view operator[](std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(bytes_).substr(begin, ends_[i] - begin);
  }
  void clear() {
    bytes_.clear();
    ends_.clear();
  }
  void add(std::string_view term) {
    bytes_ += term;
    ends_.push_back(static_cast<std::uint32_t>(bytes_.size()));
  }

 private:
  std::string bytes_;
  std::vector<std::uint32_t> ends_;
};

/// Appends the terms of a text: lower case, diacritics folded, English words stemmed (Porter), pairs of
/// characters for scripts without spaces. Numbers keep their decimals ("4.3") and lose their grouping
/// ("1,000" → "1000"); a number is parted from its unit ("5kg" → "5" "kg"); "U.S." is "us"; a short name with
/// a hyphen and a digit
/// ("IL-6") gives its parts and the whole ("il" "6" "il6"). Malformed UTF-8 parts words. Pure.
void analyze(std::string_view text, TermList& out);

/// The distinct terms of a question, in order, without stop words — unless it has nothing else.
std::vector<std::string> analyze_query(std::string_view text);

}  // namespace caprock::stores::text
