#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stores/text/embedded/analyzed_document.h"
#include "stores/text/embedded/bit_packing.h"
#include "stores/text/embedded/bm25.h"

namespace caprock::stores::text {

/// A pair that no posting of a block beats in both: frequency at most this, length at least this. BM25 of the
/// best pair is an upper bound for the block under any statistics.
struct Impact {
  std::uint16_t frequency = 0;
  std::uint16_t length = 0;
};
inline constexpr std::size_t kMaxImpacts = 4;

/// Appends a posting list, ascending by chunk; `lengths` of all chunks of the segment. A short list (under
/// one block) is varints; a long one is block headers, then blocks of kBlockSize packed postings, the last of
/// varints.
void append_postings(std::span<const Posting> postings, std::span<const std::uint16_t> lengths,
                     std::string& out);

/// Walks a posting list, skipping whole blocks. Damaged bytes end the list early, never more.
class PostingCursor {
 public:
  static constexpr std::uint32_t kEnd = UINT32_MAX;
  /// `chunks`: of the segment; no posting outside is ever given.
  PostingCursor(std::string_view bytes, std::uint32_t count, std::uint32_t chunks);

  std::uint32_t chunk() const { return chunk_; }  ///< kEnd after the last
  std::uint32_t frequency();
  std::uint32_t repeated();
  void next();
  /// To the first posting at or after `target`; never back.
  void seek(std::uint32_t target);

  /// An upper bound of the term's scores in [from, end); `from` never falls. Reads headers only.
  double bound(std::uint32_t from, std::uint32_t end, double idf, const LengthNorm& norm);

  /// Postings from the current one to before `end`, handed to `visit(chunk, frequency)`; moves there.
  template <class Visit>
  void for_each_before(std::uint32_t end, Visit visit) {
    while (chunk_ < end) {
      need_frequencies();
      for (; at_ < in_block_ && chunks_[at_] < end; ++at_) visit(chunks_[at_], frequencies_[at_]);
      if (at_ < in_block_) {
        chunk_ = chunks_[at_];
        return;
      }
      load_block(block_ + 1);
    }
  }

 private:
  struct Header {
    std::uint32_t last;
    std::uint32_t offset;
    std::uint8_t chunk_bits;
    std::uint8_t frequency_bits;
    std::uint8_t repeated_bits;
    std::uint8_t impacts;
    Impact impact[kMaxImpacts];
  };
  friend void append_postings(std::span<const Posting>, std::span<const std::uint16_t>, std::string&);

  Header header(std::uint32_t block) const;
  std::uint32_t first_of(std::uint32_t block) const;
  std::uint32_t last_of(std::uint32_t block) const;
  void load_block(std::uint32_t block);
  void load_packed(const Header& header);
  void load_varints(std::string_view bytes, std::uint32_t base);
  void end() { chunk_ = kEnd, block_ = blocks_, in_block_ = at_ = 0; }
  void need_frequencies();
  double block_bound(std::uint32_t block, double idf, const LengthNorm& norm) const;

  std::string_view bytes_;
  std::uint32_t count_;
  std::uint32_t limit_;   ///< chunks of the segment
  std::uint32_t blocks_;  ///< with headers; 0: a short list
  std::uint32_t block_ = 0;
  std::uint32_t chunk_ = kEnd;
  std::size_t at_ = 0;
  std::size_t in_block_ = 0;
  const char* frequency_bytes_ = nullptr;  ///< packed, not yet read
  const char* repeated_bytes_ = nullptr;
  unsigned frequency_bits_ = 0;
  unsigned repeated_bits_ = 0;
  std::uint32_t shallow_ = 0;  ///< the first block that bound() may still need
  std::uint32_t bound_block_ = kEnd;
  double bound_value_ = 0;
  Block chunks_;
  Block frequencies_;
  Block repeated_;
};

}  // namespace caprock::stores::text
