#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stores/search_index.h"

namespace caprock::stores::text {

/// A term's occurrences in one passage: `frequency` counts those of the title kTitleWeight times; `repeated`
/// is the part of it that the document has in an earlier passage already (the title of later passages, their
/// overlap), so that the document's own frequency is the sum of `frequency − repeated`.
struct Posting {
  std::uint32_t chunk = 0;
  std::uint16_t frequency = 0;
  std::uint16_t repeated = 0;
};

/// One version of one document, analysed: what is written to the log, and what memory tables and segments are
/// made of. Passages are numbered from 0 within it; `Posting::chunk` is that number.
struct AnalyzedDocument {
  struct ChunkRow {
    std::uint32_t index = 0;   ///< chunk_index of its key
    std::uint32_t length = 0;  ///< in terms, title and context included
  };
  struct Term {
    std::uint32_t name_begin = 0;
    std::uint32_t name_end = 0;
    std::uint32_t postings_begin = 0;
    std::uint32_t postings_end = 0;
  };
  std::string document;
  std::uint32_t version = 0;
  std::uint64_t length = 0;  ///< of the whole document in terms, nothing counted twice
  std::string metadata;      ///< encode_metadata
  std::vector<ChunkRow> chunks;
  std::vector<Term> terms;  ///< distinct, in no order
  std::vector<Posting> postings;
  std::string names;

  std::string_view name(const Term& term) const {
    return std::string_view(names).substr(term.name_begin, term.name_end - term.name_begin);
  }
  std::span<const Posting> of(const Term& term) const {
    return std::span(postings).subspan(term.postings_begin, term.postings_end - term.postings_begin);
  }
};

/// Analyses the records of one document, in order of their index. Pure.
AnalyzedDocument analyze_document(std::span<const TextRecord> records);

/// The log's form, and back; nothing for damaged bytes.
std::string encode(const AnalyzedDocument& document);
std::optional<AnalyzedDocument> decode_document(std::string_view bytes);

/// Metadata as bytes; equal metadata give equal bytes.
std::string encode_metadata(const Metadata& metadata);
std::optional<Metadata> decode_metadata(std::string_view bytes);

}  // namespace caprock::stores::text
