#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "agent/conversation/chat_service.h"
#include "agent/tools/registry.h"
#include "base/awaitable.h"
#include "base/clock.h"
#include "base/context.h"
#include "llm/chat_model.h"
#include "llm/model_catalog.h"
#include "rag/answer/answerer.h"
#include "rag/ingest/ingester.h"
#include "rag/retrieve/retriever.h"
#include "server/keys/key_service.h"
#include "server/surfaces/rest/generate_settings.h"
#include "stores/chunk_store.h"
#include "stores/conversation_store.h"
#include "stores/document_store.h"

namespace caprock::server {

/// Something that the process depends on, as /ready tells of it.
struct Dependency {
  enum class State : std::uint8_t { kOk, kDegraded, kDown };
  std::string name;
  State state = State::kOk;
  std::string detail;  ///< why it is not ok, for a person
};

/// What was found at a URL.
struct Fetched {
  std::string bytes;
  std::string content_type;
  std::string file_name;  ///< of the URL's path or Content-Disposition, or empty
};

struct RestSettings {
  std::uint64_t max_upload = 100'000'000;       ///< bytes of one upload
  std::uint64_t upload_memory = 300'000'000;    ///< bytes that all uploads hold at once; above it 503
  std::size_t json_depth = 100;                 ///< nesting of JSON bodies
  std::chrono::milliseconds heartbeat{15'000};  ///< between comments of a silent stream
  GenerateSettings generate;
};

/// What the REST surface works with; the composition root owns all of it and outlives the routes.
struct RestParts {
  rag::DocumentIntake& intake;
  const rag::QuestionAnswerer& answerer;
  const rag::PassageFinder& retriever;
  stores::DocumentStore& documents;
  stores::ChunkStore& chunks;
  stores::ConversationStore& conversations;
  agent::ChatService& chat;
  const agent::ToolRegistry& tools;
  KeyService* keys = nullptr;  ///< null: no keys are issued here
  const base::Clock& clock;
  std::string version;
  /// Reads a URL under the address policy; empty: documents by URL are not offered. An error about the
  /// address is kInvalidArgument or kPermissionDenied.
  std::function<base::Awaitable<base::Result<Fetched>>(const base::RequestContext&, std::string url)> fetch;
  /// Every model that can be asked here; empty: /models is not offered.
  std::function<base::Awaitable<base::Result<std::vector<llm::ModelInfo>>>(const base::RequestContext&)>
      models;
  llm::ChatModel* model = nullptr;  ///< behind the gateway; null: /generate is not offered
  std::function<std::vector<Dependency>()> ready;
  std::function<std::string()> metrics;  ///< Prometheus text
  RestSettings settings;
};

}  // namespace caprock::server
