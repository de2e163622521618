#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace caprock::stores::text {

// A segment, all numbers little endian:
//   SegmentHeader
//   lengths      u16 a chunk: its length in terms, at most 65,535
//   indexes      u32 a chunk: chunk_index of its key
//   rows         DocumentRow a document, in order of their chunks
//   by_id        u32 a document: the numbers of the documents in order of (id, version)
//   strings      ids and metadata that the rows point into
//   dictionary index   DictionaryBlock for every kTermsPerBlock terms
//   dictionary   terms in byte order, each: varint shared prefix with the one before (0 at a block's start),
//   varint
//                length and bytes of the rest, varint chunks, varint documents, varint bytes of its posting
//                list
//   postings     the posting lists in order of the terms (postings.h)

inline constexpr std::uint64_t kSegmentMagic = 0x3147455358545043;  // "CPTXSEG1"
inline constexpr std::uint32_t kTermsPerBlock = 16;
enum Section : std::uint8_t {
  kLengths,
  kIndexes,
  kRows,
  kById,
  kStrings,
  kDictionaryIndex,
  kDictionary,
  kPostings
};
inline constexpr std::size_t kSections = 8;

struct SegmentHeader {
  std::uint64_t magic = kSegmentMagic;
  std::uint64_t checksum = 0;  ///< of everything after the header
  std::uint32_t analyzer = 0;
  std::uint32_t chunks = 0;
  std::uint32_t documents = 0;
  std::uint32_t terms = 0;
  std::uint64_t chunk_terms = 0;     ///< sum of the chunks' lengths
  std::uint64_t document_terms = 0;  ///< sum of the documents' lengths
  std::uint64_t newest = 0;          ///< the highest sequence in it
  std::array<std::uint64_t, kSections> size{};
};

struct DocumentRow {
  std::uint64_t sequence = 0;
  std::uint32_t version = 0;
  std::uint32_t first_chunk = 0;
  std::uint32_t length = 0;
  std::uint32_t id_offset = 0;
  std::uint32_t id_size = 0;
  std::uint32_t metadata_offset = 0;
  std::uint32_t metadata_size = 0;
  std::uint32_t reserved = 0;
};
static_assert(sizeof(DocumentRow) == 40);

struct DictionaryBlock {
  std::uint64_t dictionary_offset = 0;
  std::uint64_t postings_offset = 0;
};

/// Finds damage, not malice: eight bytes at a step, so that a mapped file is checked at memory speed.
std::uint64_t segment_checksum(std::string_view bytes);

}  // namespace caprock::stores::text
