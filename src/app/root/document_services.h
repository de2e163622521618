#pragma once

#include <memory>

#include "app/root/embedded_stores.h"
#include "app/root/model_services.h"
#include "app/root/process_settings.h"
#include "llm/reranker.h"
#include "rag/vectors/reembedder.h"

namespace caprock::app {

/// Documents in, passages and answers out, over the stores of one folder: the wiring that the program and the
/// measurements of its quality share.
struct DocumentServices {
  struct Parts {
    EmbeddedStores& stores;
    llm::Embedder* embedder;  ///< null: words alone
    base::BlockingPool& query_pool;
    base::BlockingPool& ingest_pool;
    base::MetricRegistry& metrics;
    llm::ChatModel* chat = nullptr;                  ///< null: the extractive answerer alone
    const providers::ModelRouter* router = nullptr;  ///< null: earlier embedding models are those inside
    llm::Reranker* reranker = nullptr;               ///< null: the passages' own order
  };
  /// All parts must outlive it. The settings are copied.
  DocumentServices(const Parts& parts, const ProcessSettings& settings);

  // Null without a model. The reembedder is prepared and started by who wants it to work.
  std::unique_ptr<rag::ServingModels> models;
  std::unique_ptr<rag::Reembedder> reembedder;
  rag::Retriever retriever;
  rag::Ingester ingester;
  rag::Answerer answerer;
};

}  // namespace caprock::app
