#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/awaitable.h"
#include "base/blocking_pool.h"
#include "base/context.h"
#include "base/metrics.h"
#include "base/settings.h"
#include "llm/embedder.h"
#include "rag/chunk/chunker.h"
#include "rag/parse/parser.h"
#include "rag/vectors/reembedder.h"
#include "stores/blob_store.h"
#include "stores/chunk_store.h"
#include "stores/document_store.h"
#include "stores/search_index.h"

namespace caprock::rag {

struct IngestSettings {
  std::int64_t in_flight = 128;     ///< documents in work at once
  base::Bytes memory{64ULL << 20};  ///< of originals in work at once
  std::chrono::milliseconds lease{60'000};
  /// How often a worker that nobody woke looks for work (claims whose lease has ended, garbage), and the
  /// first pause of a document that met a full disk. Not a setting: tests shorten it.
  std::chrono::milliseconds poll{1000};
  base::SettingsSection describe();
};

/// A document as a client hands it in.
struct Submission {
  std::string bytes;
  std::string collection = "default";
  std::string source;        ///< empty: the hash of the content becomes it
  std::string title;         ///< empty: the parser's, else the file name
  std::string content_type;  ///< declared, may be empty
  std::string file_name;     ///< may be empty
  stores::Metadata metadata;
  std::optional<stores::IdempotencyEntry> once;
};

/// What surfaces and tools need of the ingest; tests script it. Thread safe.
class DocumentIntake {
 public:
  virtual ~DocumentIntake() = default;
  /// Stores the bytes and makes the job; durable when it returns. Errors before anything is kept:
  /// kInvalidArgument (empty), kUnsupportedMediaType, and those of the stores.
  virtual base::Awaitable<base::Result<stores::Accepted>> submit(const base::RequestContext& context,
                                                                 Submission submission) = 0;
  /// Waits until the document's newest version is INDEXED or FAILED, or the deadline of the context has
  /// passed.
  virtual base::Awaitable<base::Result<stores::Document>> wait(const base::RequestContext& context,
                                                               stores::DocumentId id) = 0;
  /// The text that offsets point into, of the visible version.
  virtual base::Awaitable<base::Result<std::string>> text(const base::RequestContext& context,
                                                          const stores::Document& document) = 0;
  /// The original, byte for byte.
  virtual base::Awaitable<base::Result<std::string>> original(const base::RequestContext& context,
                                                              const stores::Document& document) = 0;
};

/// Takes documents in: a bounded pipeline parse → chunk → embed → store over the jobs of the DocumentStore,
/// embedding in batches across documents. It resumes what a crash left behind. Thread safe.
class Ingester final : public DocumentIntake {
 public:
  struct Parts {
    stores::BlobStore& blobs;
    stores::DocumentStore& documents;
    stores::ChunkStore& chunks;
    stores::TextIndex& text;
    stores::VectorIndex& vectors;
    llm::Embedder* embedder;  ///< null: text index only
    base::BlockingPool& pool;
    base::MetricRegistry& metrics;
    Reembedder* reembedder = nullptr;  ///< null: what was stored without vectors stays so
  };
  Ingester(Parts parts, IngestSettings settings, ParseSettings parse, ChunkSettings chunk);
  ~Ingester() override;

  base::Awaitable<base::Result<stores::Accepted>> submit(const base::RequestContext& context,
                                                         Submission submission) override;
  base::Awaitable<base::Result<stores::Document>> wait(const base::RequestContext& context,
                                                       stores::DocumentId id) override;
  base::Awaitable<base::Result<std::string>> text(const base::RequestContext& context,
                                                  const stores::Document& document) override;
  base::Awaitable<base::Result<std::string>> original(const base::RequestContext& context,
                                                      const stores::Document& document) override;

  /// Starts the workers on `executor`; `stop()` lets running documents return to PENDING at their next step
  /// and waits.
  void start(boost::asio::any_io_executor executor);
  base::Awaitable<void> stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace caprock::rag
