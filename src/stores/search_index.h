#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/awaitable.h"
#include "base/context.h"
#include "stores/filter.h"
#include "stores/types.h"

namespace caprock::stores {

/// What an index can do; a caller asks before it relies on it.
struct IndexCapabilities {
  std::uint32_t max_k = 10'000;
  bool filters = true;           ///< applies the whole filter language before the top-k is taken
  bool document_scores = false;  ///< TextIndex: can score whole documents beside their chunks
  bool fetch = true;             ///< VectorIndex: true cosines for given keys
};

/// What may have been replaced or deleted meanwhile: the caller joins hits with `DocumentStore::visible` and
/// over-fetches for it.
struct IndexHit {
  ChunkKey key;
  double score = 0;           ///< BM25, or the cosine; higher is better
  double document_score = 0;  ///< BM25 of the whole document, where the index has it and the query asked
  /// Share of the question's words, weighed by their rarity, that the passage has; 1 where the index does not
  /// tell.
  double coverage = 1;
};

struct TextRecord {
  ChunkKey key;
  std::string title;    ///< weighs twice
  std::string context;  ///< section path, table header
  std::string content;
  std::shared_ptr<const Metadata> metadata;
};

struct TextQuery {
  std::string text;  ///< the words of a person; the engine does the analysis
  std::uint32_t k = 100;
  std::shared_ptr<const Filter> filter;  ///< null: no condition
  bool document_scores = false;
};

/// BM25 over the passages of one collection: statistics never cross collections or tenants. Thread safe. A
/// query without a searchable word has no hits. Errors: kOutOfSpace, kUnavailable, kInternal;
/// kInvalidArgument for k.
class TextIndex {
 public:
  virtual ~TextIndex() = default;
  virtual IndexCapabilities capabilities() const = 0;
  virtual base::Awaitable<base::Result<void>> put(const base::RequestContext& context,
                                                  CollectionKey collection,
                                                  std::vector<TextRecord> records) = 0;
  virtual base::Awaitable<base::Result<std::vector<IndexHit>>> search(const base::RequestContext& context,
                                                                      CollectionKey collection,
                                                                      TextQuery query) = 0;
  virtual base::Awaitable<base::Result<void>> remove(const base::RequestContext& context,
                                                     CollectionKey collection, DocumentId document,
                                                     std::uint32_t version) = 0;
};

struct VectorRecord {
  ChunkKey key;
  std::vector<float> vector;  ///< unit length, the dimension of the collection
  std::shared_ptr<const Metadata> metadata;
};

struct VectorQuery {
  std::vector<float> vector;
  std::uint32_t k = 100;
  std::shared_ptr<const Filter> filter;  ///< null: no condition
};

/// Nearest passages by cosine within one collection and one embedding model. `fingerprint` names the model
/// (EmbedderInfo): vectors of different models live side by side, so that an old index serves while a new one
/// is filled. Thread safe. Errors as of TextIndex; kInvalidArgument for a wrong dimension.
class VectorIndex {
 public:
  virtual ~VectorIndex() = default;
  virtual IndexCapabilities capabilities() const = 0;
  /// Whether a search would be answered without a long wait. When not, what is missing is on its way from now
  /// on, and the caller may do without vectors meanwhile. An engine that is always ready need not say so.
  virtual base::Awaitable<base::Result<bool>> ready(const base::RequestContext& context,
                                                    CollectionKey collection, std::string fingerprint);
  virtual base::Awaitable<base::Result<void>> put(const base::RequestContext& context,
                                                  CollectionKey collection, std::string fingerprint,
                                                  std::vector<VectorRecord> records) = 0;
  virtual base::Awaitable<base::Result<std::vector<IndexHit>>> search(const base::RequestContext& context,
                                                                      CollectionKey collection,
                                                                      std::string fingerprint,
                                                                      VectorQuery query) = 0;
  /// The cosine of each key to `vector`, in order; NaN where there is no such vector.
  virtual base::Awaitable<base::Result<std::vector<float>>> fetch(const base::RequestContext& context,
                                                                  CollectionKey collection,
                                                                  std::string fingerprint,
                                                                  std::vector<float> vector,
                                                                  std::vector<ChunkKey> keys) = 0;
  virtual base::Awaitable<base::Result<void>> remove(const base::RequestContext& context,
                                                     CollectionKey collection, DocumentId document,
                                                     std::uint32_t version) = 0;
};

}  // namespace caprock::stores
