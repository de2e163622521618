#pragma once

#include <vector>

#include "agent/conversation/chat_settings.h"
#include "aws/credentials/settings.h"
#include "base/result.h"
#include "base/settings.h"
#include "gateway/pricing/settings.h"
#include "gateway/settings.h"
#include "net/settings.h"
#include "observability/json_log.h"
#include "observability/prometheus.h"
#include "providers/settings.h"
#include "rag/answer/answerer.h"
#include "rag/chunk/chunker.h"
#include "rag/ingest/ingester.h"
#include "rag/parse/parser.h"
#include "rag/retrieve/retriever.h"
#include "server/keys/master_key.h"
#include "server/settings.h"
#include "server/surfaces/rest/generate_settings.h"
#include "stores/sqlite/database.h"
#include "stores/sqlite/usage_ledger.h"
#include "stores/vector/embedded/vector_settings.h"

namespace caprock::app {

/// The settings of every folder, in one place. `sections()` points into this object, which must stay where it
/// is.
struct ProcessSettings {
  server::Settings server;
  server::KeySettings keys;
  observability::LogSettings log;
  observability::MetricsSettings metrics;
  net::NetSettings net;
  aws::CredentialSettings aws;
  stores::DatabaseSettings database;
  stores::LedgerSettings ledger;
  stores::VectorSettings vectors;
  gateway::PricingSettings pricing;
  providers::ProviderSettings providers;
  providers::EmbeddingSettings embeddings;
  gateway::GatewaySettings gateway;
  rag::IngestSettings ingest;
  rag::ParseSettings parse;
  rag::ChunkSettings chunk;
  rag::RetrieveSettings retrieve;
  rag::AnswerSettings answer;
  agent::ChatSettings chat;
  server::GenerateSettings generate;

  std::vector<base::SettingsSection> sections();
  /// What no single setting can say. kInvalidArgument with the setting as field.
  base::Result<void> check() const;
};

}  // namespace caprock::app
