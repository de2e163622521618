// Any bytes as text with a small table, and any bytes as a table: no crash, and never more ids than asked
// for.
#include "providers/local/tokenizer/unigram.h"

#include <cstdlib>

#include "providers/local/tokenizer/unigram_table.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using caprock::providers::Unigram;
  static const auto kTokenizer =
      Unigram::make(caprock::providers::unigram_table(
                        {{"\u2581", -3}, {"\u2581a", -1}, {"ab", -2}, {"b", -4}, {"\u4e2d", -5}},
                        {{U'\u00e9', U"ab"}, {U'B', U""}}))
          .value();
  if (size == 0) return 0;
  const std::size_t limit = 2 + data[0];
  const std::string_view rest(reinterpret_cast<const char*>(data + 1), size - 1);
  const auto ids = kTokenizer->encode(rest, limit);
  if (ids.size() < 2 || ids.size() > limit) std::abort();
  if (const auto other = Unigram::make("CUNI" + std::string(rest))) (*other)->encode("a b \u4e2d", limit);
  return 0;
}
