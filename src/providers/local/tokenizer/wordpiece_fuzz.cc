// Any bytes as text, with a small vocabulary: no crash, and never more ids than asked for.
#include <cstdlib>

#include "providers/local/tokenizer/wordpiece.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto kTokenizer =
      caprock::providers::WordPiece::make(
          "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\nb\nthe\n##a\n##e\n##\n\n,\n\xE4\xB8\xAD\n")
          .value();
  if (size == 0) return 0;
  const std::size_t limit = 2 + data[0];
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  const auto ids = kTokenizer->encode(text, limit);
  if (ids.size() < 2 || ids.size() > limit) std::abort();
  return 0;
}
