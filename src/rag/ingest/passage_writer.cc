#include "rag/ingest/passage_writer.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>

#include "base/all_of.h"
#include "base/event.h"

namespace caprock::rag {
namespace {

constexpr std::size_t kMostPassages = 512;  ///< in one write: some 1 MB

}  // namespace

// Lives in the frame of `put`, which waits until it is done.
struct PassageWriter::Request {
  explicit Request(const boost::asio::any_io_executor& executor) : wake(executor) {}
  base::RequestContext context;
  stores::CollectionKey collection;
  std::vector<stores::ChunkRecord> chunks;
  std::vector<stores::TextRecord> texts;
  base::Result<void> outcome;
  bool done = false;
  base::Event wake;
};

// Whoever finds nobody writing writes for all that wait, and then wakes the next.
base::Awaitable<base::Result<void>> PassageWriter::put(base::RequestContext context,
                                                       stores::CollectionKey collection,
                                                       std::vector<stores::ChunkRecord> chunks,
                                                       std::vector<stores::TextRecord> texts) {
  Request own(co_await boost::asio::this_coro::executor);
  own.context = std::move(context);
  own.collection = std::move(collection);
  own.chunks = std::move(chunks);
  own.texts = std::move(texts);
  queue_.push_back(&own);
  while (!own.done) {
    if (writing_) {
      (void)co_await own.wake.wait(std::chrono::hours(1));
      continue;
    }
    writing_ = true;
    co_await write(next_batch());
    writing_ = false;
    if (!queue_.empty()) queue_.front()->wake.signal();
  }
  co_return std::move(own.outcome);
}

// Of one collection, in the order they came.
std::vector<PassageWriter::Request*> PassageWriter::next_batch() {
  std::vector<Request*> batch;
  std::size_t passages = 0;
  while (!queue_.empty()) {
    Request* next = queue_.front();
    if (!batch.empty() &&
        (next->collection != batch.front()->collection || passages + next->chunks.size() > kMostPassages))
      break;
    passages += next->chunks.size();
    batch.push_back(next);
    queue_.pop_front();
  }
  return batch;
}

base::Awaitable<void> PassageWriter::write(std::vector<Request*> batch) {
  if (batch.size() == 1) {
    Request& only = *batch.front();
    only.outcome =
        co_await write_both(only.context, only.collection, std::move(only.chunks), std::move(only.texts));
  } else {
    std::vector<stores::ChunkRecord> chunks;
    std::vector<stores::TextRecord> texts;
    for (const Request* request : batch) {
      chunks.insert(chunks.end(), request->chunks.begin(), request->chunks.end());
      texts.insert(texts.end(), request->texts.begin(), request->texts.end());
    }
    // Whoever came first stands for all: they are of one tenant, and end with the same pipeline.
    const auto together = co_await write_both(batch.front()->context, batch.front()->collection,
                                              std::move(chunks), std::move(texts));
    for (Request* request : batch) {
      if (!together)
        request->outcome = co_await write_both(request->context, request->collection,
                                               std::move(request->chunks), std::move(request->texts));
    }
  }
  for (Request* request : batch) {
    request->done = true;
    request->wake.signal();
  }
}

// Side by side, so that the two share one group commit of the embedded engine.
base::Awaitable<base::Result<void>> PassageWriter::write_both(const base::RequestContext& context,
                                                              const stores::CollectionKey& collection,
                                                              std::vector<stores::ChunkRecord> chunks,
                                                              std::vector<stores::TextRecord> texts) {
  std::vector<base::Awaitable<base::Result<void>>> writes;
  writes.push_back(chunks_.put(context, collection, std::move(chunks)));
  writes.push_back(text_.put(context, collection, std::move(texts)));
  co_return co_await base::all_of(std::move(writes));
}

}  // namespace caprock::rag
