#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace caprock::rag {

/// Reads the fields of one JSON object while its text is still coming, as a model writes it: text fields
/// piece by piece, other values whole. What stands before the object (a code fence, a preamble) and after it
/// is skipped. Pure; takes any bytes; keeps at most `limit` bytes of a value that is not text.
class JsonFieldStream {
 public:
  explicit JsonFieldStream(std::size_t limit = 1U << 20) : limit_(limit) {}

  /// Part of a field. Text pieces are decoded and always whole code points; `done` marks the last piece (its
  /// text may be empty). Any other value comes as one piece with `json` set: its raw JSON.
  struct Piece {
    std::string field;
    std::string text;
    bool json = false;
    bool done = false;
  };
  /// The pieces that `bytes` complete, in order.
  std::vector<Piece> push(std::string_view bytes);

  bool complete() const { return state_ == State::kComplete; }  ///< the closing brace was read
  bool failed() const { return state_ == State::kFailed; }      ///< not JSON: nothing more comes
  bool found() const { return state_ != State::kBefore && state_ != State::kBrace; }  ///< an object began

 private:
  enum class State : std::uint8_t {
    kBefore,    // until the opening brace
    kBrace,     // a brace: an object only if a key or its end follows
    kKeyStart,  // white space or comma before a key
    kKey,
    kColon,
    kValueStart,
    kText,
    kOther,
    kAfter,  // of a value: comma or end
    kComplete,
    kFailed
  };
  void step(char c);
  void step_text(char c);
  void step_other(char c);
  void text_end();
  void escape(char c);
  void unit(std::uint32_t value);
  void emit(bool done);
  void other_end();

  State state_ = State::kBefore;
  std::size_t limit_;
  std::string key_;
  std::string buffer_;           // of the text or raw value being read
  std::string hex_;              // digits of a \u escape
  std::uint32_t surrogate_ = 0;  // a high one that waits for its low one
  bool escaped_ = false;
  bool unicode_ = false;
  bool in_string_ = false;  // inside a raw value
  std::size_t depth_ = 0;   // inside a raw value
  std::vector<Piece> pieces_;
};

}  // namespace caprock::rag
