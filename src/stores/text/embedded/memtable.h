#pragma once

#include <atomic>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stores/text/embedded/analyzed_document.h"
#include "stores/text/embedded/bm25.h"

namespace caprock::stores::text {

/// The newest documents of a collection, before they become a segment: the same content in growing tables.
/// Adding wants the owner's exclusive lock, reading its shared one; marking the dead may go on beside
/// reading.
class Memtable {
 public:
  struct Document {
    std::string id;
    std::uint32_t version = 0;
    std::uint64_t sequence = 0;
    std::uint32_t first_chunk = 0;
    std::uint32_t chunk_count = 0;
    std::uint32_t length = 0;
    std::uint64_t chunk_terms = 0;  ///< sum of its chunks' lengths
    std::string metadata;
    std::atomic<bool> dead = false;
  };
  struct Term {
    std::vector<Posting> postings;
    std::uint32_t documents = 0;
  };

  /// Adds a document; an earlier entry of the same version dies.
  void add(const AnalyzedDocument& document, std::uint64_t sequence);
  /// False when it was dead before.
  bool kill(std::uint32_t number);

  const Term* find(std::string_view term) const;
  std::optional<std::uint32_t> find_document(std::string_view id, std::uint32_t version) const;
  const Document& document(std::uint32_t number) const { return documents_[number]; }
  std::uint32_t document_count() const { return static_cast<std::uint32_t>(documents_.size()); }
  std::uint32_t chunk_count() const { return static_cast<std::uint32_t>(chunks_.size()); }
  std::uint32_t document_of(std::uint32_t chunk) const { return chunks_[chunk].document; }
  std::uint32_t chunk_index(std::uint32_t chunk) const { return chunks_[chunk].index; }
  std::uint32_t chunk_length(std::uint32_t chunk) const { return chunks_[chunk].length; }
  /// Of the living.
  const BodyStats& chunk_stats() const { return chunk_stats_; }
  const BodyStats& document_stats() const { return document_stats_; }

  /// The living documents as a segment; empty when there are none.
  std::string to_segment() const;

 private:
  struct Chunk {
    std::uint32_t document;
    std::uint32_t index;
    std::uint32_t length;
  };
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  struct KeyHash {
    std::size_t operator()(const std::pair<std::string_view, std::uint32_t>& key) const {
      return std::hash<std::string_view>{}(key.first) * 31 + key.second;
    }
  };
  std::deque<Document> documents_;
  std::vector<Chunk> chunks_;
  boost::unordered_flat_map<std::string, std::uint32_t, Hash, std::equal_to<>> term_numbers_;
  std::vector<Term> terms_;
  /// The living entry of a version; the views are into documents_.
  boost::unordered_flat_map<std::pair<std::string_view, std::uint32_t>, std::uint32_t, KeyHash> numbers_;
  BodyStats chunk_stats_;
  BodyStats document_stats_;
};

}  // namespace caprock::stores::text
