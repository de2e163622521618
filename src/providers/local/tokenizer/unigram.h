#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <memory>
#include <string>

#include "base/result.h"
#include "providers/local/tokenizer/piece_trie.h"
#include "providers/local/tokenizer/tokenizer.h"

namespace caprock::providers {

/// XLM-R's SentencePiece unigram (Kudo 2018): NFC, the model's map of code points, one space between words,
/// then for each word the segmentation into pieces whose log probabilities add up to the most. The same ids
/// as Hugging Face's Unigram (golden/).
class Unigram final : public Tokenizer {
 public:
  /// `table` is what the converter wrote, little endian: "CUNI"; i32 pieces, begin, end, padding, unknown
  /// (ids); u64 bytes of text; u32 offsets[pieces + 1] into the text; f32 scores[pieces]; the text; i32 map
  /// entries, u32 bytes of map; entries of u32 code point, u8 count, u32 replacements. kInvalidArgument when
  /// it is cut short.
  static base::Result<std::unique_ptr<Unigram>> make(std::string table);

  std::vector<std::int32_t> encode(std::string_view text, std::size_t max_tokens) const override;
  std::int32_t padding() const override { return pad_; }

 private:
  Unigram() = default;
  base::Result<void> read_pieces(class TableReader& table);
  base::Result<void> read_map(class TableReader& table);
  void append_mapped(std::string& out, char32_t code_point) const;
  std::string normal_form(std::string_view text) const;
  void add_word(std::string_view word, std::vector<std::int32_t>& ids) const;

  std::string table_;  ///< what the replacements look into
  PieceTrie trie_;
  std::vector<float> scores_;
  boost::unordered_flat_map<char32_t, std::string> map_;
  double unknown_score_ = 0;
  std::size_t longest_ = 1;  ///< bytes of the longest piece
  std::int32_t begin_ = 0, end_ = 0, pad_ = 0, unknown_ = 0;
};

}  // namespace caprock::providers
