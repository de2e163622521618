#pragma once

#include <cstdint>
#include <optional>

namespace caprock::llm {

/// Tokens by the price they have. Providers that count cached tokens into the input subtract them here.
struct Usage {
  std::int64_t input_tokens = 0;  ///< neither read from a cache nor written to one
  std::int64_t output_tokens = 0;
  std::int64_t cache_read_tokens = 0;
  std::int64_t cache_write_tokens = 0;               ///< of every ttl
  std::int64_t cache_write_1h_tokens = 0;            ///< of these, with ttl 1h; the others live 5 minutes
  std::int64_t reasoning_tokens = 0;                 ///< of the output, where the provider says
  std::optional<std::int64_t> billed_nano_usd = {};  ///< what the provider says it charged

  std::int64_t total() const { return input_tokens + output_tokens + cache_read_tokens + cache_write_tokens; }
  Usage& operator+=(const Usage& other) {
    input_tokens += other.input_tokens;
    output_tokens += other.output_tokens;
    cache_read_tokens += other.cache_read_tokens;
    cache_write_tokens += other.cache_write_tokens;
    cache_write_1h_tokens += other.cache_write_1h_tokens;
    reasoning_tokens += other.reasoning_tokens;
    if (other.billed_nano_usd) billed_nano_usd = billed_nano_usd.value_or(0) + *other.billed_nano_usd;
    return *this;
  }
};

}  // namespace caprock::llm
