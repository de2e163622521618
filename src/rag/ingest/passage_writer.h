#pragma once

#include <deque>
#include <string>
#include <vector>

#include "base/awaitable.h"
#include "base/context.h"
#include "stores/chunk_store.h"
#include "stores/search_index.h"

namespace caprock::rag {

/// Hands the passages of many documents to the stores together: what comes while a write is on its way goes
/// with the next one, as in a group commit. Short documents would otherwise pay for a round trip each. Used
/// from one single-threaded executor.
class PassageWriter {
 public:
  PassageWriter(stores::ChunkStore& chunks, stores::TextIndex& text) : chunks_(chunks), text_(text) {}

  /// Done when both stores have them. Errors: the stores' own; those of one document do not reach another's.
  base::Awaitable<base::Result<void>> put(base::RequestContext context, stores::CollectionKey collection,
                                          std::vector<stores::ChunkRecord> chunks,
                                          std::vector<stores::TextRecord> texts);

 private:
  struct Request;
  std::vector<Request*> next_batch();
  base::Awaitable<void> write(std::vector<Request*> batch);
  base::Awaitable<base::Result<void>> write_both(const base::RequestContext& context,
                                                 const stores::CollectionKey& collection,
                                                 std::vector<stores::ChunkRecord> chunks,
                                                 std::vector<stores::TextRecord> texts);

  stores::ChunkStore& chunks_;
  stores::TextIndex& text_;
  std::deque<Request*> queue_;
  bool writing_ = false;
};

}  // namespace caprock::rag
