#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "llm/chat_model.h"
#include "llm/embedder.h"
#include "llm/guardrail.h"
#include "llm/model_catalog.h"
#include "llm/native_model.h"
#include "llm/reranker.h"
#include "llm/token_counter.h"
#include "providers/embedding_choice.h"

namespace caprock::providers {

/// Where models come from. A provider has only what it can do; the rest is null.
struct Provider {
  std::string name;          ///< before the model in "name/model"
  bool configured = false;   ///< set up: takes ids without prefix too, and its models are listed
  std::string needs;         ///< what to set when it is not, for a person
  std::string account = {};  ///< a name for it, where a provider is set up for several
  std::function<std::string()> region = {};  ///< where its models run, where that has a name
  /// Ids that are this provider's without a prefix (Bedrock: ARNs, "anthropic.claude-…"). May be empty.
  std::function<bool(std::string_view model)> owns = {};
  std::unique_ptr<llm::ChatModel> chat = {};  ///< given ids without the prefix
  std::unique_ptr<llm::ModelCatalog> catalog = {};
  std::unique_ptr<llm::NativeModel> native = {};  ///< takes calls of Bedrock's API as they came; ids likewise
  std::unique_ptr<llm::Reranker> reranker = {};   ///< the configured one
  std::unique_ptr<llm::TokenCounter> token_counter = {};  ///< given ids without the prefix
  std::unique_ptr<llm::Guardrail> guardrail = {};
  /// Errors: kInvalidArgument with the setting as field. May be empty.
  std::function<base::Result<std::unique_ptr<llm::Embedder>>(EmbeddingChoice)> embedder = {};
};

}  // namespace caprock::providers
