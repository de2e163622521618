#include "stores/text/embedded/postings.h"

#include <algorithm>

#include "stores/text/embedded/codec.h"

namespace caprock::stores::text {
namespace {

/// The pairs that are not beaten, by falling frequency; more than kMaxImpacts are drawn together, safely.
std::size_t frontier(std::span<const Posting> postings, std::span<const std::uint16_t> lengths, Impact* out) {
  std::vector<Impact> all;
  all.reserve(postings.size());
  for (const Posting& posting : postings) all.push_back({posting.frequency, lengths[posting.chunk]});
  std::ranges::sort(all, [](const Impact& a, const Impact& b) {
    return a.frequency != b.frequency ? a.frequency > b.frequency : a.length < b.length;
  });
  std::size_t count = 0;
  for (const Impact& impact : all) {
    if (count > 0 && impact.length >= out[count - 1].length) continue;
    if (count < kMaxImpacts)
      out[count++] = impact;
    else
      out[count - 1].length = impact.length;
  }
  return count;
}

void append_varint_postings(std::span<const Posting> postings, std::uint32_t base, std::string& out) {
  for (const Posting& posting : postings) {
    append_varint(out, posting.chunk - base);
    append_varint(out, static_cast<std::uint64_t>(posting.frequency) << 1 | (posting.repeated > 0 ? 1U : 0U));
    if (posting.repeated > 0) append_varint(out, posting.repeated);
    base = posting.chunk + 1;
  }
}

}  // namespace

void append_postings(std::span<const Posting> postings, std::span<const std::uint16_t> lengths,
                     std::string& out) {
  if (postings.size() < kBlockSize) return append_varint_postings(postings, 0, out);
  std::string headers;
  std::string data;
  std::uint32_t base = 0;
  while (!postings.empty()) {
    const auto block = postings.first(std::min(postings.size(), kBlockSize));
    postings = postings.subspan(block.size());
    PostingCursor::Header header{};
    header.last = block.back().chunk;
    header.offset = static_cast<std::uint32_t>(data.size());
    header.impacts = static_cast<std::uint8_t>(frontier(block, lengths, header.impact));
    if (block.size() == kBlockSize) {
      Block gaps;
      Block frequencies;
      Block repeated;
      for (std::size_t i = 0; i < kBlockSize; ++i) {
        gaps[i] = block[i].chunk - (i == 0 ? base : block[i - 1].chunk + 1);
        frequencies[i] = block[i].frequency - 1U;
        repeated[i] = block[i].repeated;
      }
      header.chunk_bits = static_cast<std::uint8_t>(bits_needed(gaps));
      header.frequency_bits = static_cast<std::uint8_t>(bits_needed(frequencies));
      header.repeated_bits = static_cast<std::uint8_t>(bits_needed(repeated));
      pack_block(gaps, header.chunk_bits, data);
      pack_block(frequencies, header.frequency_bits, data);
      pack_block(repeated, header.repeated_bits, data);
    } else {
      append_varint_postings(block, base, data);
    }
    append_raw(headers, header);
    base = block.back().chunk + 1;
  }
  out += headers;
  out += data;
}

PostingCursor::PostingCursor(std::string_view bytes, std::uint32_t count, std::uint32_t chunks)
    : bytes_(bytes),
      count_(count),
      limit_(chunks),
      blocks_(count < kBlockSize ? 0 : (count + kBlockSize - 1) / kBlockSize) {
  if (blocks_ == 0) {
    load_varints(bytes_, 0);
    block_ = 0;
    if (in_block_ == 0) end();
  } else if (bytes_.size() < blocks_ * sizeof(Header)) {
    blocks_ = 0;
    end();
  } else {
    load_block(0);
  }
}

PostingCursor::Header PostingCursor::header(std::uint32_t block) const {
  return load_raw<Header>(bytes_.data(), block * sizeof(Header));
}

std::uint32_t PostingCursor::first_of(std::uint32_t block) const {
  return block == 0 ? 0 : last_of(block - 1) + 1;
}

std::uint32_t PostingCursor::last_of(std::uint32_t block) const {
  return load_raw<std::uint32_t>(bytes_.data(), block * sizeof(Header));
}

void PostingCursor::load_block(std::uint32_t block) {
  if (block >= blocks_) return end();
  block_ = block;
  const Header head = header(block);
  if (head.last >= limit_) return end();
  const bool partial = block + 1 == blocks_ && count_ % kBlockSize != 0;
  if (!partial) return load_packed(head);
  const std::size_t begin = blocks_ * sizeof(Header) + head.offset;
  if (begin > bytes_.size()) return end();
  load_varints(bytes_.substr(begin), first_of(block));
}

void PostingCursor::load_packed(const Header& head) {
  const std::size_t begin = blocks_ * sizeof(Header) + head.offset;
  const unsigned widest = std::max({head.chunk_bits, head.frequency_bits, head.repeated_bits});
  const std::size_t size =
      packed_size(head.chunk_bits) + packed_size(head.frequency_bits) + packed_size(head.repeated_bits);
  if (widest > 32 || begin > bytes_.size() || size > bytes_.size() - begin) return end();
  const char* data = bytes_.data() + begin;
  unpack_block(data, head.chunk_bits, chunks_);
  std::uint64_t chunk = first_of(block_);
  for (std::uint32_t& gap : chunks_) {
    chunk += gap;
    gap = static_cast<std::uint32_t>(chunk++);
  }
  if (chunk != static_cast<std::uint64_t>(head.last) + 1) return end();
  in_block_ = kBlockSize;
  at_ = 0;
  chunk_ = chunks_[0];
  frequency_bytes_ = data + packed_size(head.chunk_bits);
  repeated_bytes_ = frequency_bytes_ + packed_size(head.frequency_bits);
  frequency_bits_ = head.frequency_bits;
  repeated_bits_ = head.repeated_bits;
}

void PostingCursor::load_varints(std::string_view bytes, std::uint32_t base) {
  ByteReader in(bytes);
  const std::size_t count = count_ % kBlockSize;
  std::uint64_t chunk = base;
  in_block_ = at_ = 0;
  for (std::size_t i = 0; i < count; ++i) {
    chunk += in.varint32();
    const std::uint32_t frequency = in.varint32();
    const std::uint32_t repeated = (frequency & 1) != 0 ? in.varint32() : 0;
    if (!in.ok() || chunk >= limit_) break;
    chunks_[i] = static_cast<std::uint32_t>(chunk++);
    frequencies_[i] = frequency >> 1;
    repeated_[i] = repeated;
    ++in_block_;
  }
  frequency_bytes_ = repeated_bytes_ = nullptr;
  chunk_ = in_block_ == 0 ? kEnd : chunks_[0];
}

void PostingCursor::need_frequencies() {
  if (frequency_bytes_ == nullptr) return;
  unpack_block(frequency_bytes_, frequency_bits_, frequencies_);
  for (std::uint32_t& frequency : frequencies_) ++frequency;
  frequency_bytes_ = nullptr;
}

std::uint32_t PostingCursor::frequency() {
  need_frequencies();
  return frequencies_[at_];
}

std::uint32_t PostingCursor::repeated() {
  if (repeated_bytes_ != nullptr) {
    unpack_block(repeated_bytes_, repeated_bits_, repeated_);
    repeated_bytes_ = nullptr;
  }
  return repeated_[at_];
}

void PostingCursor::next() {
  if (++at_ < in_block_)
    chunk_ = chunks_[at_];
  else
    load_block(block_ + 1);
}

void PostingCursor::seek(std::uint32_t target) {
  if (chunk_ >= target) return;
  if (chunks_[in_block_ - 1] < target) {
    std::uint32_t block = std::max(block_ + 1, shallow_);
    while (block < blocks_ && last_of(block) < target) ++block;
    load_block(block);
    if (chunk_ >= target) return;
  }
  const auto* found = std::lower_bound(chunks_.begin() + at_, chunks_.begin() + in_block_, target);
  at_ = static_cast<std::size_t>(found - chunks_.begin());
  if (at_ == in_block_) return load_block(block_ + 1);
  chunk_ = *found;
}

double PostingCursor::block_bound(std::uint32_t block, double idf, const LengthNorm& norm) const {
  const Header head = header(block);
  double best = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(head.impacts, kMaxImpacts); ++i)
    best = std::max(best, bm25_term(idf, head.impact[i].frequency, norm(head.impact[i].length)));
  return best;
}

double PostingCursor::bound(std::uint32_t from, std::uint32_t end_chunk, double idf, const LengthNorm& norm) {
  if (blocks_ == 0) seek(from);
  if (chunk_ >= end_chunk) return 0;
  // A short list is not worth a bound by length: what its frequencies allow at best.
  if (blocks_ == 0) {
    if (bound_block_ != 0) {
      bound_block_ = 0;
      const std::uint32_t most = *std::max_element(frequencies_.begin(), frequencies_.begin() + in_block_);
      bound_value_ = bm25_term(idf, most, norm(0));
    }
    return bound_value_;
  }
  shallow_ = std::max(shallow_, block_);
  while (shallow_ < blocks_ && last_of(shallow_) < from) ++shallow_;
  if (shallow_ < blocks_ && bound_block_ != shallow_) {
    bound_block_ = shallow_;
    bound_value_ = block_bound(shallow_, idf, norm);
  }
  double best = shallow_ < blocks_ && first_of(shallow_) < end_chunk ? bound_value_ : 0;
  for (std::uint32_t block = shallow_ + 1; block < blocks_ && first_of(block) < end_chunk; ++block)
    best = std::max(best, block_bound(block, idf, norm));
  return best;
}

}  // namespace caprock::stores::text
