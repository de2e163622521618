#include "stores/text/embedded/segment.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "stores/text/embedded/codec.h"
#include "stores/text/embedded/segment_format.h"

namespace caprock::stores::text {
namespace {

base::Error damaged(std::string_view what) {
  return base::internal_error("text segment: " + std::string(what));
}

std::uint64_t expected_size(const SegmentHeader& header, Section section) {
  switch (section) {
    case kLengths:
      return header.chunks * std::uint64_t{2};
    case kIndexes:
      return header.chunks * std::uint64_t{4};
    case kRows:
      return header.documents * std::uint64_t{sizeof(DocumentRow)};
    case kById:
      return header.documents * std::uint64_t{4};
    case kDictionaryIndex:
      return (header.terms + std::uint64_t{kTermsPerBlock} - 1) / kTermsPerBlock * sizeof(DictionaryBlock);
    default:
      return header.size[section];
  }
}

}  // namespace

std::uint64_t segment_checksum(std::string_view bytes) {
  std::uint64_t sum = 0x9E3779B97F4A7C15ULL ^ bytes.size();
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8)
    sum = (std::rotl(sum, 29) ^ load_raw<std::uint64_t>(bytes.data(), at)) * 0xD6E8FEB86659FD93ULL;
  for (; at < bytes.size(); ++at)
    sum = (std::rotl(sum, 29) ^ static_cast<unsigned char>(bytes[at])) * 0xD6E8FEB86659FD93ULL;
  return sum ^ (sum >> 32);
}

base::Result<Segment> Segment::open(std::string_view bytes) {
  if (bytes.size() < sizeof(SegmentHeader)) return base::failure(damaged("too short"));
  const auto header = load_raw<SegmentHeader>(bytes.data());
  if (header.magic != kSegmentMagic) return base::failure(damaged("not a segment"));
  std::string_view rest = bytes.substr(sizeof(SegmentHeader));
  if (segment_checksum(rest) != header.checksum) return base::failure(damaged("the checksum does not match"));
  Segment segment;
  segment.bytes_ = bytes;
  const std::array<std::string_view*, kSections> sections{
      &segment.lengths_, &segment.indexes_,          &segment.rows_,       &segment.by_id_,
      &segment.strings_, &segment.dictionary_index_, &segment.dictionary_, &segment.postings_};
  for (std::size_t i = 0; i < kSections; ++i) {
    if (header.size[i] > rest.size() || header.size[i] != expected_size(header, static_cast<Section>(i)))
      return base::failure(damaged("a section has the wrong size"));
    *sections[i] = rest.substr(0, header.size[i]);
    rest.remove_prefix(header.size[i]);
  }
  segment.chunks_ = header.chunks;
  segment.documents_ = header.documents;
  segment.terms_ = header.terms;
  segment.term_blocks_ =
      static_cast<std::uint32_t>(segment.dictionary_index_.size() / sizeof(DictionaryBlock));
  segment.newest_ = header.newest;
  segment.chunk_stats_ = {header.chunks, header.chunk_terms};
  segment.document_stats_ = {header.documents, header.document_terms};
  if (auto checked = segment.check_documents(); !checked) return base::failure(std::move(checked).error());
  return segment;
}

base::Result<void> Segment::check_documents() const {
  std::uint64_t next = 0;
  for (std::uint32_t i = 0; i < documents_; ++i) {
    const auto row = load_raw<DocumentRow>(rows_.data(), i * sizeof(DocumentRow));
    const bool inside = std::uint64_t{row.id_offset} + row.id_size <= strings_.size() &&
                        std::uint64_t{row.metadata_offset} + row.metadata_size <= strings_.size();
    const bool ascending =
        (i == 0 ? row.first_chunk == 0 : row.first_chunk > next) && row.first_chunk < chunks_;
    if (!inside || !ascending || load_raw<std::uint32_t>(by_id_.data(), std::size_t{i} * 4) >= documents_)
      return base::failure(damaged("a document's row is wrong"));
    next = row.first_chunk;
  }
  if (documents_ == 0 && chunks_ != 0) return base::failure(damaged("passages without a document"));
  return {};
}

std::uint16_t Segment::chunk_length(std::uint32_t chunk) const {
  return load_raw<std::uint16_t>(lengths_.data(), chunk * std::size_t{2});
}

std::uint32_t Segment::chunk_index(std::uint32_t chunk) const {
  return load_raw<std::uint32_t>(indexes_.data(), chunk * std::size_t{4});
}

std::uint32_t Segment::document_of(std::uint32_t chunk) const {
  std::uint32_t low = 0;
  std::uint32_t high = documents_;
  while (high - low > 1) {
    const std::uint32_t middle = low + (high - low) / 2;
    const auto first = load_raw<std::uint32_t>(
        rows_.data(), middle * sizeof(DocumentRow) + offsetof(DocumentRow, first_chunk));
    (first <= chunk ? low : high) = middle;
  }
  return low;
}

SegmentDocument Segment::document(std::uint32_t number) const {
  const auto row = load_raw<DocumentRow>(rows_.data(), number * sizeof(DocumentRow));
  const std::uint32_t after =
      number + 1 < documents_
          ? load_raw<DocumentRow>(rows_.data(), (number + 1) * sizeof(DocumentRow)).first_chunk
          : chunks_;
  return {.id = strings_.substr(row.id_offset, row.id_size),
          .version = row.version,
          .sequence = row.sequence,
          .first_chunk = row.first_chunk,
          .chunk_count = after - row.first_chunk,
          .length = row.length,
          .metadata = strings_.substr(row.metadata_offset, row.metadata_size)};
}

std::optional<std::uint32_t> Segment::find_document(std::string_view id, std::uint32_t version) const {
  std::uint32_t low = 0;
  std::uint32_t high = documents_;
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    const auto number = load_raw<std::uint32_t>(by_id_.data(), middle * std::size_t{4});
    const SegmentDocument here = document(number);
    const auto order = std::pair(here.id, here.version) <=> std::pair(id, version);
    if (order == 0) return number;
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return std::nullopt;
}

std::string_view Segment::term_block(std::uint32_t block) const {
  const auto at = load_raw<DictionaryBlock>(dictionary_index_.data(), block * sizeof(DictionaryBlock));
  return at.dictionary_offset <= dictionary_.size() ? dictionary_.substr(at.dictionary_offset)
                                                    : std::string_view();
}

std::string_view Segment::first_term(std::uint32_t block) const {
  ByteReader in(term_block(block));
  in.varint();
  return in.string();
}

std::optional<TermEntry> Segment::find(std::string_view term) const {
  if (term_blocks_ == 0) return std::nullopt;
  std::uint32_t low = 0;
  std::uint32_t high = term_blocks_;
  while (high - low > 1) {
    const std::uint32_t middle = low + (high - low) / 2;
    (first_term(middle) <= term ? low : high) = middle;
  }
  ByteReader in(term_block(low));
  std::uint64_t at =
      load_raw<DictionaryBlock>(dictionary_index_.data(), low * sizeof(DictionaryBlock)).postings_offset;
  std::string name;
  const std::uint32_t count = std::min(kTermsPerBlock, terms_ - low * kTermsPerBlock);
  for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
    const std::uint64_t shared = in.varint();
    const std::string_view rest = in.string();
    if (shared > name.size()) return std::nullopt;
    name.resize(shared);
    name += rest;
    TermEntry entry{.chunks = in.varint32(), .documents = in.varint32(), .postings = {}};
    const std::uint64_t size = in.varint();
    if (name == term) {
      if (!in.ok() || at > postings_.size() || size > postings_.size() - at) return std::nullopt;
      entry.postings = postings_.substr(at, size);
      return entry;
    }
    at += size;
  }
  return std::nullopt;
}

Segment::TermIterator::TermIterator(const Segment& segment) : segment_(&segment), left_(segment.dictionary_) {
  next();
}

void Segment::TermIterator::next() {
  done_ = number_ == segment_->terms_;
  if (done_) return;
  ByteReader in(left_);
  const std::uint64_t shared = in.varint();
  const std::string_view rest = in.string();
  entry_.chunks = in.varint32();
  entry_.documents = in.varint32();
  const std::uint64_t size = in.varint();
  const std::string_view postings = segment_->postings_;
  done_ = !in.ok() || shared > name_.size() || postings_at_ > postings.size() ||
          size > postings.size() - postings_at_;
  if (done_) return;
  name_.resize(shared);
  name_ += rest;
  entry_.postings = postings.substr(postings_at_, size);
  postings_at_ += size;
  left_.remove_prefix(static_cast<std::size_t>(in.position() - left_.data()));
  ++number_;
}

}  // namespace caprock::stores::text
