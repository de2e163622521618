#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "llm/content.h"
#include "llm/usage.h"

namespace caprock::llm {

/// kSystem also stands for OpenAI's "developer".
enum class Role : std::uint8_t { kSystem, kUser, kAssistant };

struct Message {
  Role role = Role::kUser;
  std::vector<ContentBlock> content;
  std::string name = {};  ///< of a participant, where the dialect has several (OpenAI)
};

/// The text blocks of a message, joined by blank lines.
std::string text_of(const Message& message);
Message text_message(Role role, std::string text);

}  // namespace caprock::llm
