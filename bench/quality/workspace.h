#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "rag/ingest/ingester.h"
#include "rag/retrieve/retriever.h"

namespace caprock::bench {

struct Options {
  std::filesystem::path data;    ///< where the sets are
  std::filesystem::path work;    ///< build/quality
  std::string model = "minilm";  ///< "none": words only
  bool fresh = false;
  std::string command;
};

/// A document of a set; `id` becomes its source, by which it is judged.
struct SetDocument {
  std::string id;
  std::string title;
  std::string text;
};

/// The product's parts, wired as the product does, over a folder that is kept between runs. Everything is at
/// its default. Throws std::runtime_error when a part fails: a measurement has nothing to recover.
class Workspace {
 public:
  /// Takes the documents in, unless the folder holds this set made by the same model already.
  Workspace(const Options& options, const std::string& set, const std::vector<SetDocument>& documents);
  ~Workspace();

  rag::Retrieval retrieve(const rag::RetrieveRequest& request);
  rag::Retrieval retrieve(const rag::RetrieveRequest& request, const rag::RetrieveSettings& settings);
  bool has_vectors() const;
  double ingest_seconds() const;
  std::uint64_t chunk_count() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The documents of passages in their order, each once.
std::vector<std::string> documents_of(const rag::Retrieval& retrieval);

}  // namespace caprock::bench
