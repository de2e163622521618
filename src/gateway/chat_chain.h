#pragma once

#include <memory>
#include <vector>

#include "gateway/attempts.h"
#include "gateway/chat_gateway.h"

namespace caprock::gateway {

/// What the stages are made of.
struct ChainParts {
  Attempts& attempts;
  llm::ChatModel& last;
};

/// The stages of every call to a model that converses, outermost first.
std::vector<std::unique_ptr<ChatStage>> chat_chain(const ChainParts& parts);

}  // namespace caprock::gateway
