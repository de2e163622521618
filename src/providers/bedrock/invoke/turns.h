#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "llm/chat_request.h"

namespace caprock::providers::bedrock::invoke {

/// What a family takes besides text, and what its prompts are made with.
struct Abilities {
  std::string_view title;  ///< of the family, for messages
  bool top_k = false;
  bool stops = false;      ///< stop sequences
  bool penalties = false;  ///< frequency and presence
  bool seed = false;
  bool tools = false;
  bool images = false;
  bool json = false;  ///< a binding wish for any JSON
  /// Marks by which the model tells the parts of a prompt apart. A text that has one would pass for the
  /// system or for somebody else.
  std::span<const std::string_view> marks = {};
};

/// kInvalidArgument with the field that a family cannot express. Of `inference` only what Abilities lists is
/// judged; content is for `plain_turns` and the codecs with content of their own.
base::Result<void> refuse_beyond(const llm::ChatRequest& request, const Abilities& abilities);

struct Turn {
  llm::Role role = llm::Role::kUser;
  std::string text;
  std::vector<const llm::ImageBlock*> images = {};  ///< views of the request
};
struct Turns {
  std::string system;
  std::vector<Turn> turns;  ///< user and assistant in turn, the user last
};

/// A conversation of text (and images), for families whose request is one prompt. kInvalidArgument with the
/// path of a block that is neither, of a text with a mark of the template, or "messages" for a conversation
/// that does not end with its user.
base::Result<Turns> plain_turns(const llm::ChatRequest& request, const Abilities& abilities);

base::Error not_said(const Abilities& abilities, std::string field);

}  // namespace caprock::providers::bedrock::invoke
