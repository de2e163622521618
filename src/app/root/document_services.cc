#include "app/root/document_services.h"

namespace caprock::app {
namespace {

std::unique_ptr<rag::ServingModels> make_models(const DocumentServices::Parts& parts,
                                                const providers::EmbeddingSettings& settings) {
  if (parts.embedder == nullptr) return nullptr;
  auto open = [settings, router = parts.router,
               &metrics = parts.metrics](const std::string& fingerprint) -> std::unique_ptr<llm::Embedder> {
    auto model = make_embedder_of(fingerprint, settings, router);
    return model ? measured(std::move(model), metrics) : nullptr;
  };
  return std::make_unique<rag::ServingModels>(*parts.embedder, std::move(open));
}

std::unique_ptr<rag::Reembedder> make_reembedder(const DocumentServices::Parts& parts,
                                                 rag::ServingModels* models) {
  if (models == nullptr) return nullptr;
  return std::make_unique<rag::Reembedder>(rag::Reembedder::Parts{.documents = *parts.stores.documents,
                                                                  .chunks = *parts.stores.chunks,
                                                                  .vectors = *parts.stores.vectors,
                                                                  .inventory = *parts.stores.vectors,
                                                                  .models = *models,
                                                                  .metrics = parts.metrics});
}

}  // namespace

DocumentServices::DocumentServices(const Parts& parts, const ProcessSettings& settings)
    : models(make_models(parts, settings.embeddings)),
      reembedder(make_reembedder(parts, models.get())),
      retriever({.documents = *parts.stores.documents,
                 .chunks = *parts.stores.chunks,
                 .text = *parts.stores.text,
                 .vectors = *parts.stores.vectors,
                 .models = models.get(),
                 .reranker = parts.reranker},
                settings.retrieve),
      ingester({.blobs = *parts.stores.blobs,
                .documents = *parts.stores.documents,
                .chunks = *parts.stores.chunks,
                .text = *parts.stores.text,
                .vectors = *parts.stores.vectors,
                .embedder = parts.embedder,
                .pool = parts.ingest_pool,
                .metrics = parts.metrics,
                .reembedder = reembedder.get()},
               settings.ingest, settings.parse, settings.chunk),
      answerer({.retriever = retriever,
                .blobs = *parts.stores.blobs,
                .chunks = *parts.stores.chunks,
                .embedder = parts.embedder,
                .model = parts.chat,
                .pool = parts.query_pool},
               settings.answer) {}

}  // namespace caprock::app
