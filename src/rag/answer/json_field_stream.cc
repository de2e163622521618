#include "rag/answer/json_field_stream.h"

#include <utility>

#include "base/utf8.h"

namespace caprock::rag {
namespace {

constexpr std::size_t kLongestKey = 200;
constexpr std::uint32_t kReplacement = 0xFFFD;

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// How many bytes at the end of `text` begin a code point that is not whole yet.
std::size_t unfinished_tail(std::string_view text) {
  for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const auto lead = static_cast<unsigned char>(text[text.size() - back]);
    if ((lead & 0xC0U) == 0x80U) continue;
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

}  // namespace

std::vector<JsonFieldStream::Piece> JsonFieldStream::push(std::string_view bytes) {
  for (const char c : bytes) {
    if (state_ == State::kComplete || state_ == State::kFailed) break;
    step(c);
  }
  if (state_ == State::kText) emit(false);
  return std::exchange(pieces_, {});
}

void JsonFieldStream::step(char c) {
  switch (state_) {
    case State::kBefore:
      if (c == '{') state_ = State::kBrace;
      return;
    case State::kBrace:
      if (is_space(c) || c == '{') return;
      state_ = c == '"' ? State::kKey : c == '}' ? State::kComplete : State::kBefore;
      return;
    case State::kKeyStart:
      if (is_space(c) || c == ',') return;
      state_ = c == '"' ? State::kKey : c == '}' ? State::kComplete : State::kFailed;
      return;
    case State::kKey:
    case State::kText:
      return step_text(c);
    case State::kColon:
      if (!is_space(c)) state_ = c == ':' ? State::kValueStart : State::kFailed;
      return;
    case State::kValueStart:
      if (is_space(c)) return;
      state_ = c == '"' ? State::kText : State::kOther;
      if (state_ == State::kOther) step_other(c);
      return;
    case State::kOther:
      return step_other(c);
    case State::kAfter:
      if (!is_space(c)) state_ = c == ',' ? State::kKeyStart : c == '}' ? State::kComplete : State::kFailed;
      return;
    case State::kComplete:
    case State::kFailed:
      return;
  }
}

void JsonFieldStream::step_text(char c) {
  if (unicode_ || escaped_) return escape(c);
  if (c == '\\') {
    escaped_ = true;
    return;
  }
  if (surrogate_ != 0) unit(0);  // a high surrogate alone
  if (c == '"') return text_end();
  buffer_ += c;
  if (state_ == State::kKey && buffer_.size() > kLongestKey) state_ = State::kFailed;
}

void JsonFieldStream::text_end() {
  if (state_ == State::kKey) {
    key_ = base::repair_utf8(std::exchange(buffer_, {}));
    state_ = State::kColon;
  } else {
    emit(true);
    state_ = State::kAfter;
  }
}

void JsonFieldStream::escape(char c) {
  if (unicode_) {
    if (hex_value(c) < 0) {
      if (state_ == State::kText) emit(false);  // what came before is good, however the bytes were cut
      state_ = State::kFailed;
      return;
    }
    hex_ += c;
    if (hex_.size() < 4) return;
    std::uint32_t value = 0;
    for (const char digit : hex_) value = value * 16 + static_cast<std::uint32_t>(hex_value(digit));
    hex_.clear();
    unicode_ = false;
    return unit(value);
  }
  escaped_ = false;
  if (c == 'u') {
    unicode_ = true;
    return;
  }
  if (surrogate_ != 0) unit(0);
  switch (c) {
    case 'n':
      buffer_ += '\n';
      return;
    case 't':
      buffer_ += '\t';
      return;
    case 'r':
      buffer_ += '\r';
      return;
    case 'b':
      buffer_ += '\b';
      return;
    case 'f':
      buffer_ += '\f';
      return;
    default:
      buffer_ += c;  // also what JSON does not know, such as \': models write it
  }
}

/// A UTF-16 unit of an escape; 0 after a high surrogate says that its partner did not come.
void JsonFieldStream::unit(std::uint32_t value) {
  const bool low = value >= 0xDC00 && value <= 0xDFFF;
  if (surrogate_ != 0) {
    const std::uint32_t high = std::exchange(surrogate_, 0);
    if (low) return base::append_utf8(buffer_, 0x10000 + ((high - 0xD800) << 10U) + (value - 0xDC00));
    base::append_utf8(buffer_, kReplacement);
    if (value == 0) return;
  }
  if (value >= 0xD800 && value <= 0xDBFF) {
    surrogate_ = value;
  } else {
    base::append_utf8(buffer_, low ? kReplacement : value);
  }
}

void JsonFieldStream::emit(bool done) {
  const std::size_t keep = done ? 0 : unfinished_tail(buffer_);
  std::string tail = buffer_.substr(buffer_.size() - keep);
  buffer_.resize(buffer_.size() - keep);
  if (done || !buffer_.empty()) {
    pieces_.push_back({.field = key_, .text = base::repair_utf8(buffer_), .json = false, .done = done});
  }
  buffer_ = std::move(tail);
}

void JsonFieldStream::step_other(char c) {
  if (in_string_) {
    if (escaped_)
      escaped_ = false;
    else if (c == '\\')
      escaped_ = true;
    else if (c == '"')
      in_string_ = false;
  } else if (c == '"') {
    in_string_ = true;
  } else if (c == '{' || c == '[') {
    ++depth_;
  } else if (depth_ == 0 && (c == ',' || c == '}' || c == ']')) {
    other_end();
    state_ = c == ',' ? State::kKeyStart : c == '}' ? State::kComplete : State::kFailed;
    return;
  } else if (c == '}' || c == ']') {
    --depth_;
  }
  buffer_ += c;
  if (buffer_.size() > limit_) state_ = State::kFailed;
}

void JsonFieldStream::other_end() {
  while (!buffer_.empty() && is_space(buffer_.back())) buffer_.pop_back();
  pieces_.push_back(
      {.field = key_, .text = base::repair_utf8(std::exchange(buffer_, {})), .json = true, .done = true});
}

}  // namespace caprock::rag
