#include "aws/credentials/command_words.h"

#include <cstdint>

namespace caprock::aws {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

class Splitter {
 public:
  /// False when the character cannot stand here.
  bool feed(char c) {
    if (c == '\0') return false;
    if (escaped_) return take_escaped(c);
    if (quote_ == '\'') return c == '\'' ? close() : put(c);
    if (c == '\\') return escaped_ = in_word_ = true;
    if (quote_ == '"') return c == '"' ? close() : put(c);
    if (c == '"' || c == '\'') return open(c);
    return kBlank.contains(c) ? end_word() : put(c);
  }
  std::optional<std::vector<std::string>> finish() {
    if (quote_ != '\0' || escaped_) return std::nullopt;
    end_word();
    if (words_.empty()) return std::nullopt;
    return std::move(words_);
  }

 private:
  bool take_escaped(char c) {
    // Within double quotes a backslash is only special before these two.
    if (quote_ == '"' && c != '"' && c != '\\') word_ += '\\';
    escaped_ = false;
    return put(c);
  }
  bool open(char c) {
    quote_ = c;
    return in_word_ = true;
  }
  bool close() {
    quote_ = '\0';
    return true;
  }
  bool put(char c) {
    word_ += c;
    return in_word_ = true;
  }
  bool end_word() {
    if (in_word_) words_.push_back(std::move(word_));
    word_.clear();
    in_word_ = false;
    return true;
  }

  std::vector<std::string> words_;
  std::string word_;
  char quote_ = '\0';
  bool escaped_ = false;
  bool in_word_ = false;
};

}  // namespace

std::optional<std::vector<std::string>> command_words(std::string_view text) {
  Splitter splitter;
  for (const char c : text)
    if (!splitter.feed(c)) return std::nullopt;
  return splitter.finish();
}

}  // namespace caprock::aws
