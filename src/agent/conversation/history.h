#pragma once

#include <vector>

#include "rag/answer/answerer.h"
#include "stores/conversation_store.h"

namespace caprock::agent {

/// The turns that stored messages (oldest first) tell of: every question with the answer that came before the
/// next question, or none. An answer whose question lies before the window is left out.
std::vector<rag::Turn> turns_of(const std::vector<stores::StoredMessage>& messages);

}  // namespace caprock::agent
