#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "stores/text/embedded/bm25.h"
#include "stores/text/embedded/postings.h"

namespace caprock::stores::text {

/// A term's place in a segment.
struct TermEntry {
  std::uint32_t chunks = 0;     ///< that contain it
  std::uint32_t documents = 0;  ///< that contain it
  std::string_view postings;
};

/// A document's place in a segment.
struct SegmentDocument {
  std::string_view id;
  std::uint32_t version = 0;
  std::uint64_t sequence = 0;  ///< of the write that put it here
  std::uint32_t first_chunk = 0;
  std::uint32_t chunk_count = 0;
  std::uint32_t length = 0;  ///< in terms
  std::string_view metadata;
};

/// An immutable inverted index over the passages of some documents, read in place from bytes that somebody
/// else keeps (a mapped file, a string). Layout: segment_format.h. Thread safe.
class Segment {
 public:
  /// kInternal when the bytes are not a whole segment.
  static base::Result<Segment> open(std::string_view bytes);

  std::uint32_t chunk_count() const { return chunks_; }
  std::uint32_t document_count() const { return documents_; }
  std::uint32_t term_count() const { return terms_; }
  std::uint64_t newest_sequence() const { return newest_; }
  const BodyStats& chunk_stats() const { return chunk_stats_; }
  const BodyStats& document_stats() const { return document_stats_; }
  std::size_t size_bytes() const { return bytes_.size(); }

  std::optional<TermEntry> find(std::string_view term) const;
  PostingCursor postings(const TermEntry& term) const { return {term.postings, term.chunks, chunks_}; }
  std::uint16_t chunk_length(std::uint32_t chunk) const;
  std::uint32_t chunk_index(std::uint32_t chunk) const;
  std::uint32_t document_of(std::uint32_t chunk) const;
  SegmentDocument document(std::uint32_t number) const;
  /// The number of a document; nothing when it is not here.
  std::optional<std::uint32_t> find_document(std::string_view id, std::uint32_t version) const;

  /// Walks all terms in order.
  class TermIterator {
   public:
    explicit TermIterator(const Segment& segment);
    bool done() const { return done_; }
    const std::string& name() const { return name_; }
    const TermEntry& entry() const { return entry_; }
    void next();

   private:
    const Segment* segment_;
    std::string_view left_;
    std::uint32_t number_ = 0;
    std::uint64_t postings_at_ = 0;
    std::string name_;
    TermEntry entry_;
    bool done_ = false;
  };

 private:
  Segment() = default;
  base::Result<void> check_documents() const;
  std::string_view term_block(std::uint32_t block) const;
  std::string_view first_term(std::uint32_t block) const;

  std::string_view bytes_;
  std::uint32_t chunks_ = 0;
  std::uint32_t documents_ = 0;
  std::uint32_t terms_ = 0;
  std::uint32_t term_blocks_ = 0;
  std::uint64_t newest_ = 0;
  BodyStats chunk_stats_;
  BodyStats document_stats_;
  std::string_view lengths_;
  std::string_view indexes_;
  std::string_view rows_;
  std::string_view by_id_;
  std::string_view strings_;
  std::string_view dictionary_index_;
  std::string_view dictionary_;
  std::string_view postings_;
};

}  // namespace caprock::stores::text
