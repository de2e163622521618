#include "agent/conversation/history.h"

namespace caprock::agent {

std::vector<rag::Turn> turns_of(const std::vector<stores::StoredMessage>& messages) {
  std::vector<rag::Turn> turns;
  for (const auto& stored : messages) {
    auto text = llm::text_of(stored.message);
    if (stored.message.role == llm::Role::kUser) {
      turns.push_back({.question = std::move(text), .answer = {}});
    } else if (stored.message.role == llm::Role::kAssistant && !turns.empty()) {
      turns.back().answer = std::move(text);
    }
  }
  return turns;
}

}  // namespace caprock::agent
