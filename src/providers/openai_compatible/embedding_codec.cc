#include "providers/openai_compatible/embedding_codec.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <cmath>
#include <limits>

#include "base/json/json_text.h"
#include "providers/openai_compatible/error_codec.h"
#include "providers/openai_compatible/usage_codec.h"

namespace caprock::providers::openai {

namespace json = boost::json;
using base::failure;
using base::Result;

namespace {

/// Writes the unit vector of `numbers`; a text without tokens may have the zero vector.
std::expected<void, std::string> write_row(const json::array& numbers, std::span<float> row) {
  double square = 0;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (!numbers[i].is_number()) return std::unexpected("a vector has what is no number");
    const auto value = numbers[i].to_number<double>();
    if (!(std::abs(value) <= std::numeric_limits<float>::max()))
      return std::unexpected("a number is beyond a float");
    row[i] = static_cast<float>(value);
    square += value * value;
  }
  if (!std::isfinite(square)) return std::unexpected("a vector has no finite length");
  if (square > 0)
    for (float& value : row) value = static_cast<float>(value / std::sqrt(square));
  return {};
}

base::Error wrong_dimension(const std::string& model, std::size_t is, std::size_t should) {
  return base::Error(base::ErrorKind::kInternal,
                     fmt::format("{} gives vectors of {} dimensions, not {}: set [embeddings] dimension = {}",
                                 model, is, should, is));
}

}  // namespace

std::string encode_embedding_request(const std::string& model, std::span<const std::string> texts,
                                     std::size_t dimensions) {
  json::object out{
      {"model", model}, {"input", json::array(texts.begin(), texts.end())}, {"encoding_format", "float"}};
  if (dimensions != 0) out["dimensions"] = dimensions;
  return base::json_text(out);
}

Result<void> decode_embeddings(const Dialect& dialect, const std::string& model, std::string_view body,
                               std::size_t count, llm::Embeddings& out) {
  const auto bad = [&](std::string detail) {
    return failure(broken_reply(dialect, model, std::move(detail)));
  };
  const auto value = base::parse_json(body);
  const json::object* reply = value ? value->if_object() : nullptr;
  const json::value* data = reply == nullptr ? nullptr : reply->if_contains("data");
  if (data == nullptr || !data->is_array() || data->get_array().size() != count)
    return bad("not one vector a text");
  const std::size_t first = out.values.size();
  out.values.resize(first + count * out.dimension);
  std::vector<bool> seen(count);
  for (std::size_t at = 0; at < count; ++at) {
    const json::object* item = data->get_array()[at].if_object();
    const json::value* vector = item == nullptr ? nullptr : item->if_contains("embedding");
    if (vector == nullptr || !vector->is_array()) return bad("a vector is no array");
    const json::value* index = item->if_contains("index");
    const std::size_t row =
        index != nullptr && index->is_int64() ? static_cast<std::size_t>(index->get_int64()) : at;
    if (row >= count || seen[row]) return bad("an index comes twice or is too large");
    seen[row] = true;
    if (vector->get_array().size() != out.dimension)
      return failure(wrong_dimension(model, vector->get_array().size(), out.dimension));
    const std::span<float> into(out.values.data() + first + row * out.dimension, out.dimension);
    if (const auto written = write_row(vector->get_array(), into); !written) return bad(written.error());
  }
  if (const json::value* usage = reply->if_contains("usage"); usage != nullptr && usage->is_object())
    out.usage += decode_usage(usage->get_object());
  return {};
}

}  // namespace caprock::providers::openai
