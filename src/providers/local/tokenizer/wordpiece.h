#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <memory>
#include <string>

#include "base/result.h"
#include "providers/local/tokenizer/tokenizer.h"

namespace caprock::providers {

/// BERT's uncased WordPiece: clean, split CJK, strip accents, lower case, split at spaces and punctuation,
/// then the longest pieces of the vocabulary from the left. The same ids as Hugging Face's BertTokenizer
/// (golden/).
class WordPiece final : public Tokenizer {
 public:
  /// `vocabulary` is vocab.txt: a piece a line, its id the line's number from 0. kInvalidArgument when the
  /// marks [CLS], [SEP], [UNK] or [PAD] are missing.
  static base::Result<std::unique_ptr<WordPiece>> make(std::string vocabulary);

  std::vector<std::int32_t> encode(std::string_view text, std::size_t max_tokens) const override;
  std::int32_t padding() const override { return pad_; }

 private:
  WordPiece() = default;
  void add_word(std::string_view word, std::size_t limit, std::vector<std::int32_t>& ids) const;

  std::string text_;  ///< what the keys look into
  boost::unordered_flat_map<std::string_view, std::int32_t> pieces_;
  std::size_t longest_ = 0;  ///< bytes of the longest piece
  std::int32_t cls_ = 0, sep_ = 0, unknown_ = 0, pad_ = 0;
};

}  // namespace caprock::providers
