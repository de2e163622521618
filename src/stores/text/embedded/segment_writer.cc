#include "stores/text/embedded/segment_writer.h"

#include <algorithm>
#include <numeric>

#include "stores/text/embedded/analyzer.h"
#include "stores/text/embedded/codec.h"

namespace caprock::stores::text {

std::uint32_t SegmentWriter::store(std::string_view text) {
  const auto offset = static_cast<std::uint32_t>(strings_.size());
  strings_ += text;
  return offset;
}

std::uint32_t SegmentWriter::add_document(const SegmentDocument& document, std::span<const ChunkRow> chunks) {
  const std::uint32_t first = header_.chunks;
  if (chunks.empty()) return first;
  DocumentRow row{.sequence = document.sequence,
                  .version = document.version,
                  .first_chunk = first,
                  .length = document.length,
                  .id_offset = store(document.id),
                  .id_size = static_cast<std::uint32_t>(document.id.size()),
                  .metadata_size = static_cast<std::uint32_t>(document.metadata.size())};
  if (const auto known = metadata_.find(document.metadata); known != metadata_.end())
    row.metadata_offset = known->second;
  else
    metadata_.emplace(document.metadata, row.metadata_offset = store(document.metadata));
  for (const ChunkRow& chunk : chunks) {
    lengths_.push_back(static_cast<std::uint16_t>(std::min<std::uint32_t>(chunk.length, UINT16_MAX)));
    header_.chunk_terms += lengths_.back();
    append_raw(indexes_, chunk.index);
    document_of_.push_back(static_cast<std::uint32_t>(rows_.size()));
  }
  rows_.push_back(row);
  header_.chunks += static_cast<std::uint32_t>(chunks.size());
  header_.documents += 1;
  header_.document_terms += document.length;
  header_.newest = std::max(header_.newest, document.sequence);
  return first;
}

std::uint32_t SegmentWriter::documents_with(std::span<const Posting> postings) const {
  std::uint32_t count = 0;
  std::uint32_t before = UINT32_MAX;
  for (const Posting& posting : postings) {
    const std::uint32_t document = document_of_[posting.chunk];
    count += document != before ? 1 : 0;
    before = document;
  }
  return count;
}

void SegmentWriter::add_term(std::string_view name, std::span<const Posting> postings) {
  const bool starts_block = header_.terms % kTermsPerBlock == 0;
  if (starts_block) append_raw(dictionary_index_, DictionaryBlock{dictionary_.size(), postings_.size()});
  const auto differ = std::ranges::mismatch(previous_term_, name);
  const auto shared =
      starts_block ? std::size_t{0} : static_cast<std::size_t>(differ.in1 - previous_term_.begin());
  const std::size_t before = postings_.size();
  append_postings(postings, lengths_, postings_);
  append_varint(dictionary_, shared);
  append_string(dictionary_, name.substr(shared));
  append_varint(dictionary_, postings.size());
  append_varint(dictionary_, documents_with(postings));
  append_varint(dictionary_, postings_.size() - before);
  previous_term_ = name;
  ++header_.terms;
}

std::string SegmentWriter::by_id() const {
  std::vector<std::uint32_t> order(rows_.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto key = [&](std::uint32_t number) {
    const DocumentRow& row = rows_[number];
    return std::pair(std::string_view(strings_).substr(row.id_offset, row.id_size), row.version);
  };
  std::ranges::sort(order, {}, key);
  return {reinterpret_cast<const char*>(order.data()), order.size() * sizeof(std::uint32_t)};
}

std::string SegmentWriter::finish() && {
  const auto bytes_of = [](const auto& rows) {
    return std::string_view(reinterpret_cast<const char*>(rows.data()), rows.size() * sizeof(rows[0]));
  };
  const std::string sorted = by_id();
  const std::array<std::string_view, kSections> sections{
      bytes_of(lengths_), indexes_,          bytes_of(rows_), sorted,
      strings_,           dictionary_index_, dictionary_,     postings_};
  std::size_t total = sizeof(SegmentHeader);
  for (const std::string_view section : sections) total += section.size();
  std::string out;
  out.reserve(total);
  out.resize(sizeof(SegmentHeader));
  for (std::size_t i = 0; i < kSections; ++i) {
    header_.size[i] = sections[i].size();
    out += sections[i];
  }
  header_.analyzer = kAnalyzerVersion;
  header_.checksum = segment_checksum(std::string_view(out).substr(sizeof(SegmentHeader)));
  std::memcpy(out.data(), &header_, sizeof header_);
  return out;
}

}  // namespace caprock::stores::text
