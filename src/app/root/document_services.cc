#include "app/root/document_services.h"

namespace caprock::app {

DocumentServices::DocumentServices(const Parts& parts, const ProcessSettings& settings)
    : retriever({.documents = *parts.stores.documents,
                 .chunks = *parts.stores.chunks,
                 .text = *parts.stores.text,
                 .vectors = *parts.stores.vectors,
                 .embedder = parts.embedder,
                 .reranker = nullptr},
                settings.retrieve),
      ingester({.blobs = *parts.stores.blobs,
                .documents = *parts.stores.documents,
                .chunks = *parts.stores.chunks,
                .text = *parts.stores.text,
                .vectors = *parts.stores.vectors,
                .embedder = parts.embedder,
                .pool = parts.ingest_pool,
                .metrics = parts.metrics},
               settings.ingest, settings.parse, settings.chunk),
      answerer({.retriever = retriever,
                .blobs = *parts.stores.blobs,
                .chunks = *parts.stores.chunks,
                .embedder = parts.embedder,
                .model = nullptr,
                .pool = parts.query_pool},
               settings.answer) {}

base::Result<std::unique_ptr<providers::LocalEmbedder>> make_embedder(const ProcessSettings& settings) {
  if (settings.embeddings.model == "none") return nullptr;
  return providers::LocalEmbedder::make(settings.embeddings);
}

}  // namespace caprock::app
