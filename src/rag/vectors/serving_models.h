#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "llm/embedder.h"
#include "stores/types.h"

namespace caprock::rag {

/// A model that a query can be embedded with. The pointer is shared because a model that is replaced must
/// live as long as the last query that uses it, and its vectors are kept as long.
struct ServingModel {
  std::shared_ptr<llm::Embedder> embedder;
  std::string gap;  ///< what a search by its vectors misses, for a person; empty: nothing
};

/// Which embedding model's vectors answer the queries of a collection: the configured one's, or, while those
/// are not complete, the ones that were there before. Thread safe.
class ServingModels {
 public:
  /// Opens a model by its fingerprint; null when it cannot be had here.
  using Open = std::function<std::unique_ptr<llm::Embedder>(const std::string& fingerprint)>;
  /// `configured` must outlive it.
  explicit ServingModels(llm::Embedder& configured, Open open = {});

  llm::Embedder& configured() const { return *configured_; }
  /// In the order in which they are to be tried: the next one when a model is out. Never empty.
  std::vector<ServingModel> choose(const stores::CollectionKey& collection) const;

  /// Queries of the collection go by the vectors of an earlier model from now on. False: it cannot be had.
  bool serve_earlier(const stores::CollectionKey& collection, const std::string& fingerprint);
  /// The collections that an earlier model serves.
  std::vector<stores::CollectionKey> served_by_earlier() const;
  /// What a search by the configured model's vectors misses; empty: nothing.
  void set_gap(const stores::CollectionKey& collection, std::string gap);
  /// Queries of the collection go by the configured model from now on. What is returned expires when the last
  /// query has ended that goes by the earlier one.
  std::weak_ptr<const void> serve_configured(const stores::CollectionKey& collection);

 private:
  /// One for each collection, so that its count tells of that collection's queries.
  struct Earlier {
    std::shared_ptr<llm::Embedder> model;
  };
  struct Entry {
    std::shared_ptr<Earlier> earlier;  ///< null: the configured one serves
    std::string gap;
  };
  std::shared_ptr<llm::Embedder> opened(const std::string& fingerprint);

  const std::shared_ptr<llm::Embedder> configured_;
  const Open open_;
  mutable std::mutex mutex_;
  std::map<stores::CollectionKey, Entry> entries_;  ///< only where something is to be said
  std::map<std::string, std::weak_ptr<llm::Embedder>> earlier_models_;
};

}  // namespace caprock::rag
