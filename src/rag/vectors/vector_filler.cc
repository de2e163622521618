#include "rag/vectors/vector_filler.h"

#include <algorithm>
#include <memory>

#include "rag/vectors/embedding_text.h"
#include "rag/vectors/gap_walk.h"

namespace caprock::rag {
namespace {

using base::Awaitable;
using base::Result;

// Passages embedded and stored in one step: fills the model's batches, and is what a crash costs.
constexpr std::size_t kWindow = 256;

}  // namespace

struct VectorFiller::Run {
  const base::RequestContext& context;
  const stores::CollectionKey& collection;
  const std::function<void(Made)>& progress;
};

/// Keeps the versions of a window from being removed.
class VectorFiller::Hold {
 public:
  Hold(VectorFiller& filler, const Window& window) : filler_(filler) {
    const std::lock_guard lock(filler_.mutex_);
    for (const stores::ChunkKey& key : window.keys) filler_.in_work_.emplace(key.document, key.version);
  }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;
  ~Hold() {
    const std::lock_guard lock(filler_.mutex_);
    filler_.in_work_.clear();  // there is one window at a time
  }

 private:
  VectorFiller& filler_;
};

bool VectorFiller::is_in_work(const stores::DocumentId& document, std::uint32_t version) const {
  const std::lock_guard lock(mutex_);
  return in_work_.contains({document, version});
}

Awaitable<Result<void>> VectorFiller::fill(const base::RequestContext& context,
                                           stores::CollectionKey collection,
                                           std::function<void(Made)> progress) {
  const Run run{.context = context, .collection = collection, .progress = progress};
  GapWalk walk(parts_.documents, parts_.inventory, {collection, fingerprint_});
  Window window;
  while (true) {
    CAPROCK_CO_TRY(const auto step, co_await walk.next(context));
    if (!step) break;
    for (const stores::Document& document : step->incomplete)
      CAPROCK_CO_CHECK(co_await add(run, document, window));
  }
  co_return co_await flush(run, window);
}

/// Puts what the document lacks into the window.
Awaitable<Result<void>> VectorFiller::add(const Run& run, const stores::Document& document, Window& window) {
  CAPROCK_CO_TRY(const auto held, co_await parts_.inventory.held(run.context, {run.collection, fingerprint_},
                                                                 {document.id, document.version}));
  stores::PageRequest page{.limit = kWindow, .cursor = ""};
  do {
    CAPROCK_CO_TRY(const auto chunks, co_await parts_.chunks.list(run.context, run.collection, document.id,
                                                                  document.version, page));
    for (const stores::Chunk& chunk : chunks.items) {
      if (std::ranges::binary_search(held, chunk.index)) continue;
      window.keys.push_back({document.id, document.version, chunk.index});
      window.texts.push_back(embedding_text(chunk));
      if (window.keys.size() == kWindow) CAPROCK_CO_CHECK(co_await flush(run, window));
    }
    page.cursor = chunks.next_cursor;
  } while (!page.cursor.empty());
  co_return Result<void>();
}

/// Holds the versions first and looks then whether they are visible: one that is will not be removed before
/// its vectors are stored, one that is not gets none. After a crash in between it is still listed as garbage.
Awaitable<Result<void>> VectorFiller::flush(const Run& run, Window& window) {
  Window full = std::exchange(window, {});
  if (full.keys.empty()) co_return Result<void>();
  const std::size_t size = full.keys.size();
  const Hold hold(*this, full);
  CAPROCK_CO_TRY(auto records, co_await visible_of(run, full));
  const std::size_t made = records.size();
  if (made > 0) {
    CAPROCK_CO_TRY(const auto vectors, co_await parts_.embedder.embed(run.context, std::move(full.texts),
                                                                      llm::EmbedPurpose::kPassage));
    for (std::size_t i = 0; i < made; ++i) {
      const auto row = vectors.row(i);
      records[i].vector.assign(row.begin(), row.end());
    }
    CAPROCK_CO_CHECK(
        co_await parts_.vectors.put(run.context, run.collection, fingerprint_, std::move(records)));
  }
  run.progress({.vectors = made, .gone = size - made});
  co_return Result<void>();
}

/// Records without vectors for the passages that are visible; leaves their texts alone in the window.
Awaitable<Result<std::vector<stores::VectorRecord>>> VectorFiller::visible_of(const Run& run,
                                                                              Window& window) {
  std::vector<stores::VectorRecord> records;
  std::vector<std::string> texts;
  std::shared_ptr<const stores::Metadata> metadata;  // null: not visible any more
  for (std::size_t i = 0; i < window.keys.size(); ++i) {
    const stores::ChunkKey& key = window.keys[i];
    if (i == 0 || key.document != window.keys[i - 1].document) {
      auto document = co_await parts_.documents.get(run.context, key.document);
      if (!document && document.error().kind != base::ErrorKind::kNotFound)
        co_return base::failure(std::move(document).error());
      metadata.reset();
      if (document && document->version == key.version)
        metadata = std::make_shared<const stores::Metadata>(std::move(document->metadata));
    }
    if (metadata == nullptr) continue;
    records.push_back({.key = key, .vector = {}, .metadata = metadata});
    texts.push_back(std::move(window.texts[i]));
  }
  window.texts = std::move(texts);
  co_return records;
}

}  // namespace caprock::rag
