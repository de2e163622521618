#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/awaitable.h"
#include "base/context.h"
#include "rag/ingest/embed_batcher.h"
#include "rag/ingest/ingester.h"
#include "rag/ingest/passage_writer.h"

namespace caprock::rag {

/// Where the extracted text of one version stands in the blob store.
std::string text_key(const base::TenantId& tenant, const stores::DocumentId& id, std::uint32_t version);

/// Takes one claimed document through parse → chunk → embed → store → publish. Used from one single-threaded
/// executor; many documents at once.
class Pipeline {
 public:
  /// `batcher` is null when there is no embedder.
  Pipeline(Ingester::Parts parts, const IngestSettings& settings, const ParseSettings& parse,
           const ChunkSettings& chunk, EmbedBatcher* batcher);

  /// Never fails: a document that cannot be taken in becomes FAILED with the reason; one whose claim was lost
  /// leaves nothing behind; one whose stores are out of reach, or have no space, is tried again until they
  /// are there.
  base::Awaitable<void> run(base::RequestContext context, stores::IngestJob job);

  /// Renews the leases of all documents in work: most of them wait for the embedder, longer than a lease
  /// lasts.
  base::Awaitable<void> renew_leases(const base::RequestContext& context);

  /// Removes what an old version left in every store.
  base::Awaitable<base::Result<void>> collect(const base::RequestContext& context, stores::Garbage garbage);

 private:
  struct Prepared;
  /// A claim, and how far it has come.
  struct InWork {
    stores::IngestJob job;
    stores::Progress progress;
  };
  base::Awaitable<void> drop_lost(const base::RequestContext& context, const stores::IngestJob& job);
  base::Awaitable<base::Result<void>> ingest(const base::RequestContext& context,
                                             const stores::IngestJob& job);
  base::Awaitable<base::Result<void>> ingest_patiently(const base::RequestContext& context,
                                                       const stores::IngestJob& job);
  base::Awaitable<base::Result<Prepared>> prepare(const base::RequestContext& context,
                                                  const stores::IngestJob& job);
  base::Awaitable<base::Result<void>> store_texts(const base::RequestContext& context,
                                                  const stores::IngestJob& job, const Prepared& prepared);
  base::Awaitable<base::Result<void>> store_vectors(const base::RequestContext& context,
                                                    const stores::IngestJob& job, Prepared& prepared);
  base::Awaitable<base::Result<void>> embed_window(const base::RequestContext& context,
                                                   const stores::IngestJob& job, Prepared& prepared,
                                                   std::size_t begin, std::size_t end);
  base::Awaitable<base::Result<void>> embed_by_earlier(const base::RequestContext& context,
                                                       const stores::IngestJob& job, const Prepared& prepared,
                                                       std::vector<std::string> texts, std::size_t begin);
  base::Awaitable<base::Result<void>> erase(const base::RequestContext& context,
                                            stores::CollectionKey collection, stores::DocumentId id,
                                            std::uint32_t version);
  base::Awaitable<void> give_up(const base::RequestContext& context, const stores::IngestJob& job,
                                base::Error error);

  Ingester::Parts parts_;
  const IngestSettings& settings_;
  const ParseSettings& parse_;
  const ChunkSettings& chunk_;
  EmbedBatcher* batcher_;
  std::string fingerprint_;
  PassageWriter passages_;
  std::map<std::string, InWork> in_work_;  ///< by lease
  base::Counter& indexed_;
  base::Counter& failed_;
  base::Counter& chunks_;
  base::Counter& unembedded_;
};

}  // namespace caprock::rag
