#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stores/text/embedded/segment.h"
#include "stores/text/embedded/segment_format.h"

namespace caprock::stores::text {

/// Makes a segment: first all documents with their chunks, then all terms in byte order.
class SegmentWriter {
 public:
  struct ChunkRow {
    std::uint32_t index = 0;
    std::uint32_t length = 0;
  };
  /// `first_chunk` and `chunk_count` of `document` are set here; a document without chunks is left out. Gives
  /// the number of its first chunk.
  std::uint32_t add_document(const SegmentDocument& document, std::span<const ChunkRow> chunks);
  /// `postings` ascending by chunk, not empty.
  void add_term(std::string_view name, std::span<const Posting> postings);
  std::string finish() &&;

  std::uint32_t chunk_count() const { return header_.chunks; }

 private:
  std::uint32_t store(std::string_view text);
  std::uint32_t documents_with(std::span<const Posting> postings) const;
  std::string by_id() const;

  SegmentHeader header_;
  std::vector<std::uint16_t> lengths_;
  std::vector<std::uint32_t> document_of_;
  std::string indexes_;
  std::vector<DocumentRow> rows_;
  std::string strings_;
  std::map<std::string, std::uint32_t, std::less<>> metadata_;  ///< equal metadata is kept once
  std::string dictionary_index_;
  std::string dictionary_;
  std::string postings_;
  std::string previous_term_;
};

}  // namespace caprock::stores::text
