#include "providers/openai_compatible/model_list_codec.h"

#include <boost/json.hpp>
#include <charconv>
#include <cmath>

#include "base/json/json_text.h"
#include "providers/openai_compatible/error_codec.h"

namespace caprock::providers::openai {

namespace json = boost::json;

namespace {

const json::object* object_in(const json::object* object, std::string_view name) {
  const json::value* value = object == nullptr ? nullptr : object->if_contains(name);
  return value == nullptr ? nullptr : value->if_object();
}

std::string text_in(const json::object* object, std::string_view name) {
  const json::value* value = object == nullptr ? nullptr : object->if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::optional<std::int64_t> count_in(const json::object* object, std::string_view name) {
  const json::value* value = object == nullptr ? nullptr : object->if_contains(name);
  if (value == nullptr || !value->is_int64() || value->get_int64() <= 0) return std::nullopt;
  return value->get_int64();
}

std::vector<std::string> texts_in(const json::object* object, std::string_view name) {
  std::vector<std::string> found;
  const json::value* value = object == nullptr ? nullptr : object->if_contains(name);
  if (value == nullptr || !value->is_array()) return found;
  for (const json::value& item : value->get_array())
    if (item.is_string()) found.emplace_back(item.get_string());
  return found;
}

// US dollars a token as text: "0.0000025".
std::optional<std::int64_t> price_in(const json::object* pricing, std::string_view name) {
  const std::string text = text_in(pricing, name);
  double dollars = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), dollars);
  if (failed != std::errc() || end != text.data() + text.size() || !(dollars >= 0) || dollars > 1)
    return std::nullopt;
  return std::llround(dollars * 1e9);
}

llm::ModelInfo info_of(const Dialect& dialect, const json::object& model) {
  const json::object* pricing = object_in(&model, "pricing");
  const json::object* kinds = object_in(&model, "architecture");
  llm::ModelInfo info{.id = dialect.name + "/" + text_in(&model, "id")};
  info.name = text_in(&model, "name");
  info.provider = dialect.name;
  info.context_tokens = count_in(&model, "context_length");
  if (!info.context_tokens) info.context_tokens = count_in(&model, "max_model_len");
  if (!info.context_tokens) info.context_tokens = count_in(object_in(&model, "meta"), "n_ctx");
  info.max_output_tokens = count_in(object_in(&model, "top_provider"), "max_completion_tokens");
  info.input_nano_usd = price_in(pricing, "prompt");
  info.output_nano_usd = price_in(pricing, "completion");
  info.input_kinds = texts_in(kinds, "input_modalities");
  info.output_kinds = texts_in(kinds, "output_modalities");
  return info;
}

}  // namespace

base::Result<std::vector<llm::ModelInfo>> decode_models(const Dialect& dialect, std::string_view body) {
  const auto value = base::parse_json(body);
  const json::object* reply = value ? value->if_object() : nullptr;
  const json::value* data = reply == nullptr ? nullptr : reply->if_contains("data");
  std::vector<llm::ModelInfo> models;
  // A server without models says null (Ollama).
  if (data != nullptr && data->is_null()) return models;
  if (data == nullptr || !data->is_array())
    return base::failure(broken_reply(dialect, "", "GET /models gave no list"));
  for (const json::value& item : data->get_array()) {
    if (!item.is_object() || text_in(&item.get_object(), "id").empty()) continue;
    models.push_back(info_of(dialect, item.get_object()));
  }
  return models;
}

}  // namespace caprock::providers::openai
