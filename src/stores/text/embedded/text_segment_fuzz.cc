// Damaged segments and log rows must never be read out of their bounds.
#include <cstring>

#include "stores/text/embedded/analyzer.h"
#include "stores/text/embedded/memtable.h"
#include "stores/text/embedded/merge.h"
#include "stores/text/embedded/scorer.h"
#include "stores/text/embedded/segment_format.h"

using namespace caprock::stores::text;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  TermList terms;
  analyze(bytes, terms);
  if (const auto document = decode_document(bytes)) {
    Memtable table;
    table.add(*document, 1);
    bytes = table.to_segment();
  }
  if (bytes.size() >= sizeof(SegmentHeader)) {
    // As if whoever damaged it had made the checksum right again.
    const std::uint64_t sum = segment_checksum(std::string_view(bytes).substr(sizeof(SegmentHeader)));
    std::memcpy(bytes.data() + offsetof(SegmentHeader, checksum), &sum, sizeof sum);
  }
  const auto segment = Segment::open(bytes);
  if (!segment) return 0;
  SearchPlan plan{.terms = {}, .chunk_norm = LengthNorm({10, 100}), .document_norm = LengthNorm({5, 100})};
  for (std::size_t i = 0; i < terms.size() && i < 8; ++i)
    plan.terms.push_back({std::string(terms[i]), 1.0, 1.0});
  TopK top(5);
  score_segment(*segment, plan, find_terms(*segment, plan), {}, 0, top);
  const MergeInput input{&*segment, [](std::uint32_t) { return false; }};
  merge_segments(std::span(&input, 1));
  return 0;
}
