#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rag/answer/terms.h"

namespace caprock::rag {

/// What kind of thing the question asks for, as far as its words show.
enum class AnswerType : std::uint8_t { kAny, kNumber, kDate, kPerson, kPlace, kReason };

/// A question taken apart once, to be compared with many sentences.
struct Question {
  std::string text;
  std::vector<std::string> content;  ///< comparable forms of its telling words, each once, in order
  std::vector<std::string> shown;    ///< same index: as the user wrote it
  std::vector<bool> entity;          ///< same index: a name or a number, which a true answer rarely lacks
  AnswerType type = AnswerType::kAny;
};

/// `focus` is what the user typed last when `text` is a follow-up made to stand alone: it decides the type.
Question analyse_question(std::string_view text, std::string_view focus = {});

/// Whether a sentence holds something of `type` that the question itself does not (0 or 1; 0.5 for kAny).
double answer_cue(const Question& question, const std::vector<Term>& sentence);

}  // namespace caprock::rag
