#pragma once

#include <span>
#include <string>
#include <string_view>

#include "rag/answer/answerer.h"

namespace caprock::rag {

/// Whether a question cannot be understood without what was said before: "Which month?", "and in 2019?",
/// "Who was it?".
bool is_follow_up(std::string_view question);

/// The question made to stand alone, without a model: a year or name that replaces one of the question before
/// is put in its place ("How many in 2018?" + "and in 2019?"); otherwise the question before is put in front,
/// with the name that the answer brought where a pronoun may mean it. A question that stands alone already is
/// given back unchanged. Follow-ups of follow-ups are resolved from the oldest turn on. Pure.
std::string stand_alone(std::string_view question, std::span<const Turn> history);

}  // namespace caprock::rag
