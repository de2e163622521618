#include "stores/text/embedded/memtable.h"

#include <algorithm>

#include "stores/text/embedded/segment_writer.h"

namespace caprock::stores::text {

void Memtable::add(const AnalyzedDocument& analyzed, std::uint64_t sequence) {
  if (const auto before = find_document(analyzed.document, analyzed.version)) kill(*before);
  const std::uint32_t number = document_count();
  Document& document = documents_.emplace_back();
  document.id = analyzed.document;
  document.version = analyzed.version;
  document.sequence = sequence;
  document.first_chunk = chunk_count();
  document.chunk_count = static_cast<std::uint32_t>(analyzed.chunks.size());
  document.length = static_cast<std::uint32_t>(std::min<std::uint64_t>(analyzed.length, UINT32_MAX));
  document.metadata = analyzed.metadata;
  for (const auto& chunk : analyzed.chunks) {
    const std::uint32_t length = std::min<std::uint32_t>(chunk.length, UINT16_MAX);  // as segments keep it
    chunks_.push_back({number, chunk.index, length});
    document.chunk_terms += length;
  }
  for (const auto& term : analyzed.terms) {
    const auto [entry, fresh] = term_numbers_.try_emplace(std::string(analyzed.name(term)),
                                                          static_cast<std::uint32_t>(terms_.size()));
    if (fresh) terms_.emplace_back();
    Term& data = terms_[entry->second];
    ++data.documents;
    for (Posting posting : analyzed.of(term)) {
      posting.chunk += document.first_chunk;
      data.postings.push_back(posting);
    }
  }
  numbers_[{document.id, document.version}] = number;
  chunk_stats_.count += document.chunk_count;
  chunk_stats_.terms += document.chunk_terms;
  document_stats_.count += 1;
  document_stats_.terms += document.length;
}

bool Memtable::kill(std::uint32_t number) {
  Document& document = documents_[number];
  if (document.dead.exchange(true)) return false;
  const auto living = numbers_.find({document.id, document.version});
  if (living != numbers_.end() && living->second == number) numbers_.erase(living);
  chunk_stats_.count -= document.chunk_count;
  chunk_stats_.terms -= document.chunk_terms;
  document_stats_.count -= 1;
  document_stats_.terms -= document.length;
  return true;
}

const Memtable::Term* Memtable::find(std::string_view term) const {
  const auto found = term_numbers_.find(term);
  return found == term_numbers_.end() ? nullptr : &terms_[found->second];
}

std::optional<std::uint32_t> Memtable::find_document(std::string_view id, std::uint32_t version) const {
  const auto found = numbers_.find({id, version});
  if (found == numbers_.end()) return std::nullopt;
  return found->second;
}

std::string Memtable::to_segment() const {
  SegmentWriter writer;
  std::vector<std::uint32_t> first(documents_.size(), UINT32_MAX);  // where a document's chunks go
  std::vector<SegmentWriter::ChunkRow> rows;
  for (std::uint32_t number = 0; number < documents_.size(); ++number) {
    const Document& document = documents_[number];
    if (document.dead) continue;
    rows.clear();
    for (std::uint32_t i = 0; i < document.chunk_count; ++i)
      rows.push_back({chunk_index(document.first_chunk + i), chunk_length(document.first_chunk + i)});
    first[number] = writer.add_document({.id = document.id,
                                         .version = document.version,
                                         .sequence = document.sequence,
                                         .length = document.length,
                                         .metadata = document.metadata},
                                        rows);
  }
  if (writer.chunk_count() == 0) return {};

  std::vector<std::pair<std::string_view, std::uint32_t>> order(term_numbers_.begin(), term_numbers_.end());
  std::ranges::sort(order);
  std::vector<Posting> postings;
  for (const auto& [name, number] : order) {
    postings.clear();
    for (Posting posting : terms_[number].postings) {
      const std::uint32_t document = document_of(posting.chunk);
      if (first[document] == UINT32_MAX) continue;
      posting.chunk = posting.chunk - documents_[document].first_chunk + first[document];
      postings.push_back(posting);
    }
    if (!postings.empty()) writer.add_term(name, postings);
  }
  return std::move(writer).finish();
}

}  // namespace caprock::stores::text
