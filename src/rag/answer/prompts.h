#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "llm/chat_model.h"
#include "rag/answer/answerer.h"
#include "rag/answer/context_builder.h"

namespace caprock::rag {

/// What an abstention says, also in evaluation files (reference of the WattBot schema).
inline constexpr std::string_view kUnableToAnswer =
    "Unable to answer with confidence based on the provided documents.";

/// Asks for one JSON object: explanation, quotes[{ref, quote}], answer, answer_value, ref_id[]. The quotes
/// come before the answer, so that they are checked before its first word is shown.
llm::ChatRequest answer_request(const std::string& model, const std::string& question,
                                const PromptContext& context);

/// Asks for {"question", "queries"}: the question made to stand alone and up to `queries` searches.
llm::ChatRequest plan_request(const std::string& model, const std::string& question,
                              std::span<const Turn> history, std::int64_t queries);

struct Plan {
  std::string question;              ///< stands alone
  std::vector<std::string> queries;  ///< besides the question, no repeats
};
/// Reads a plan; what is missing or makes no sense is replaced by `fallback_question` and no queries.
Plan read_plan(std::string_view reply, const std::string& fallback_question, std::int64_t queries);

/// Whether a model's answer says that it has none: empty, "is_blank", "Unable to answer …".
bool is_blank_answer(std::string_view answer);
/// Whether more text could still make it such an answer: nothing is shown until then.
bool may_become_blank(std::string_view beginning);

}  // namespace caprock::rag
