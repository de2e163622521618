#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "rag/answer/answerer.h"

namespace caprock::agent {

/// What is stored beside an answer's text, in the names that clients see: {"reply_to", "sources",
/// "citations", "token_usage", "abstained", "reason"}. `reply_to` is the sequence number of the message it
/// answers.
std::string answer_record(const rag::Answer& answer, std::uint64_t reply_to);
/// `reply_to` of a record; nothing when it is none of ours.
std::optional<std::uint64_t> reply_to_of(const std::string& record_json);

}  // namespace caprock::agent
