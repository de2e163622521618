#include "providers/openai_compatible/usage_codec.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>

namespace caprock::providers::openai {

namespace json = boost::json;

namespace {

std::int64_t count(const json::object* object, std::string_view name) {
  const json::value* value = object == nullptr ? nullptr : object->if_contains(name);
  if (value == nullptr || !value->is_int64()) return 0;
  return std::max<std::int64_t>(0, value->get_int64());
}

const json::object* details(const json::object& usage, std::string_view name) {
  const json::value* value = usage.if_contains(name);
  return value == nullptr ? nullptr : value->if_object();
}

}  // namespace

llm::Usage decode_usage(const json::object& usage) {
  const json::object* prompt = details(usage, "prompt_tokens_details");
  const json::object* completion = details(usage, "completion_tokens_details");
  llm::Usage out;
  out.cache_read_tokens = count(prompt, "cached_tokens");
  out.cache_write_tokens = count(prompt, "cache_write_tokens");  // OpenRouter
  if (out.cache_read_tokens == 0)
    out.cache_read_tokens = count(&usage, "prompt_cache_hit_tokens");  // DeepSeek
  out.input_tokens = std::max<std::int64_t>(
      0, count(&usage, "prompt_tokens") - out.cache_read_tokens - out.cache_write_tokens);
  out.output_tokens = count(&usage, "completion_tokens");
  out.reasoning_tokens = count(completion, "reasoning_tokens");
  // OpenRouter says in US dollars what the request was charged with.
  if (const json::value* cost = usage.if_contains("cost"); cost != nullptr && cost->is_number()) {
    const double dollars = cost->to_number<double>();
    if (dollars >= 0 && dollars < 1e6) out.billed_nano_usd = std::llround(dollars * 1e9);
  }
  return out;
}

}  // namespace caprock::providers::openai
