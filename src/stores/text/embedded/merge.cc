#include "stores/text/embedded/merge.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "stores/text/embedded/segment_writer.h"

namespace caprock::stores::text {
namespace {

constexpr std::uint32_t kGone = std::numeric_limits<std::uint32_t>::max();

/// The new number of every chunk of an input, kGone for those of dead documents.
std::vector<std::uint32_t> copy_documents(const MergeInput& input, SegmentWriter& writer) {
  const Segment& segment = *input.segment;
  std::vector<std::uint32_t> places(segment.chunk_count(), kGone);
  std::vector<SegmentWriter::ChunkRow> rows;
  for (std::uint32_t number = 0; number < segment.document_count(); ++number) {
    if (input.dead(number)) continue;
    const SegmentDocument document = segment.document(number);
    rows.clear();
    for (std::uint32_t i = 0; i < document.chunk_count; ++i)
      rows.push_back(
          {segment.chunk_index(document.first_chunk + i), segment.chunk_length(document.first_chunk + i)});
    const std::uint32_t first = writer.add_document(document, rows);
    for (std::uint32_t i = 0; i < document.chunk_count; ++i) places[document.first_chunk + i] = first + i;
  }
  return places;
}

void append_moved(const Segment& segment, const TermEntry& term, std::span<const std::uint32_t> places,
                  std::vector<Posting>& out) {
  for (PostingCursor cursor = segment.postings(term); cursor.chunk() != PostingCursor::kEnd; cursor.next()) {
    const std::uint32_t place = places[cursor.chunk()];
    if (place == kGone) continue;
    out.push_back({place, static_cast<std::uint16_t>(cursor.frequency()),
                   static_cast<std::uint16_t>(cursor.repeated())});
  }
}

}  // namespace

std::string merge_segments(std::span<const MergeInput> inputs) {
  SegmentWriter writer;
  std::vector<std::vector<std::uint32_t>> places;
  std::vector<Segment::TermIterator> terms;
  for (const MergeInput& input : inputs) {
    places.push_back(copy_documents(input, writer));
    terms.emplace_back(*input.segment);
  }
  if (writer.chunk_count() == 0) return {};

  std::vector<Posting> postings;
  std::string name;
  while (true) {
    const std::string* least = nullptr;
    for (const auto& term : terms)
      if (!term.done() && (least == nullptr || term.name() < *least)) least = &term.name();
    if (least == nullptr) break;
    name = *least;
    postings.clear();
    for (std::size_t i = 0; i < terms.size(); ++i) {
      if (terms[i].done() || terms[i].name() != name) continue;
      append_moved(*inputs[i].segment, terms[i].entry(), places[i], postings);
      terms[i].next();
    }
    if (!postings.empty()) writer.add_term(name, postings);
  }
  return std::move(writer).finish();
}

}  // namespace caprock::stores::text
