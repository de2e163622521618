#pragma once

#include <memory>

#include "app/root/embedded_stores.h"
#include "app/root/process_settings.h"
#include "providers/local/local_embedder.h"
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

/// The embedding model, or null where the settings say that there is none: everything then works by words
/// alone. The errors are those of LocalEmbedder::make.
base::Result<std::unique_ptr<providers::LocalEmbedder>> make_embedder(const ProcessSettings& settings);

}  // namespace caprock::app
