#include "providers/bedrock/embedding_codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <utility>

#include "base/json/json_text.h"
#include "base/json/json_writer.h"
#include "base/utf8.h"
#include "providers/bedrock/model_family.h"
#include "providers/bedrock/reply_reader.h"

namespace caprock::providers::bedrock {

namespace json = boost::json;
using base::failure;
using base::Result;

namespace {

struct Known {
  std::string_view prefix;
  EmbeddingFamily family;
  std::array<std::size_t, 4> dimensions;  // the model's own first; 0 ends
  std::size_t texts_per_call;
  std::size_t max_tokens;
  std::size_t max_characters;
};

// Titan refuses what is longer than its tokens; for text of four characters a token the limit in characters
// is far above. The multimodal one takes 256 tokens: 700 characters of English, and less of most others, fit.
constexpr std::array kKnown{
    Known{"amazon.titan-embed-text-v1", EmbeddingFamily::kTitanV1, {1536}, 1, 8192, 24'000},
    Known{"amazon.titan-embed-g1-text", EmbeddingFamily::kTitanV1, {1536}, 1, 8192, 24'000},
    Known{"amazon.titan-embed-text-v2", EmbeddingFamily::kTitanV2, {1024, 512, 256}, 1, 8192, 24'000},
    Known{"amazon.titan-embed-image-v1", EmbeddingFamily::kTitanImage, {1024, 384, 256}, 1, 256, 700},
    Known{
        "amazon.nova-2-multimodal-embeddings", EmbeddingFamily::kNova, {3072, 1024, 384, 256}, 1, 8172, 8192},
    Known{"cohere.embed-english-v3", EmbeddingFamily::kCohereV3, {1024}, 96, 512, 2048},
    Known{"cohere.embed-multilingual-v3", EmbeddingFamily::kCohereV3, {1024}, 96, 512, 2048},
    Known{"cohere.embed-v4", EmbeddingFamily::kCohereV4, {1536, 1024, 512, 256}, 96, 128'000, 400'000},
};

std::string known_models() {
  std::string names;
  for (const Known& known : kKnown) names += (names.empty() ? "" : ", ") + std::string(known.prefix);
  return names;
}

std::string_view cut(const EmbeddingModel& model, std::string_view text) {
  return base::slice_code_points(text, 0, model.max_characters);
}

bool asks(llm::EmbedPurpose purpose) { return purpose == llm::EmbedPurpose::kQuery; }

void write_nova(base::JsonWriter& out, const EmbeddingModel& model, std::string_view text,
                llm::EmbedPurpose purpose) {
  out.key("taskType").text("SINGLE_EMBEDDING").key("singleEmbeddingParams").open_object();
  out.key("embeddingPurpose").text(asks(purpose) ? "TEXT_RETRIEVAL" : "GENERIC_INDEX");
  out.key("embeddingDimension").number(static_cast<std::int64_t>(model.dimension));
  out.key("text").open_object().key("truncationMode").text("END").key("value").text(text).close_object();
  out.close_object();
}

void write_cohere(base::JsonWriter& out, const EmbeddingModel& model, std::span<const std::string> texts,
                  llm::EmbedPurpose purpose) {
  out.key("texts").open_array();
  for (const std::string& text : texts) out.text(cut(model, text));
  out.close_array().key("input_type").text(asks(purpose) ? "search_query" : "search_document");
  const bool fourth = model.family == EmbeddingFamily::kCohereV4;
  out.key("truncate")
      .text(fourth ? "RIGHT" : "END")
      .key("embedding_types")
      .open_array()
      .text("float")
      .close_array();
  if (fourth) out.key("output_dimension").number(static_cast<std::int64_t>(model.dimension));
}

Result<void> append_row(const json::value& row, std::size_t dimension, std::vector<float>& values) {
  const json::array* numbers = row.if_array();
  if (numbers == nullptr || numbers->size() != dimension)
    return failure(unreadable(fmt::format("a vector of {} numbers where {} were asked for",
                                          numbers == nullptr ? 0 : numbers->size(), dimension)));
  const std::size_t start = values.size();
  double sum = 0;
  for (const json::value& number : *numbers) {
    boost::system::error_code failed;
    const auto value = number.to_number<double>(failed);
    // Far above what a model gives, and far below what a float cannot hold.
    if (failed || !(std::abs(value) < 1e30))
      return failure(unreadable("a vector with a member that is no number of its kind"));
    values.push_back(static_cast<float>(value));
    sum += value * value;
  }
  const double length = std::sqrt(sum);
  if (length > 0) {
    for (std::size_t i = start; i < values.size(); ++i) values[i] = static_cast<float>(values[i] / length);
  }
  return {};
}

/// Where each family has its vectors: a list of rows.
const json::array* rows_of(const EmbeddingModel& model, const json::object& reply, json::array& made) {
  using enum EmbeddingFamily;
  if (model.family == kCohereV3 || model.family == kCohereV4) {
    if (const json::array* plain = array_of(reply, "embeddings")) return plain;
    const json::object* by_type = object_of(reply, "embeddings");
    return by_type == nullptr ? nullptr : array_of(*by_type, "float");
  }
  if (model.family == kNova) {
    const json::array* list = array_of(reply, "embeddings");
    if (list == nullptr) return nullptr;
    for (const json::value& one : *list) {
      const json::value* vector = one.is_object() ? one.get_object().if_contains("embedding") : nullptr;
      if (vector != nullptr) made.push_back(*vector);
    }
    return &made;
  }
  if (const json::value* vector = reply.if_contains("embedding")) made.push_back(*vector);
  return &made;
}

}  // namespace

Result<EmbeddingModel> embedding_model(const std::string& id, std::size_t dimension) {
  const std::string_view name = base_model(id);
  const auto* known =
      std::ranges::find_if(kKnown, [&](const Known& k) { return name.starts_with(k.prefix); });
  if (known == kKnown.end())
    return failure(base::invalid_argument(
        "embeddings.model",
        "'" + id + "' is no embedding model of Bedrock that is known here; known are " + known_models()));
  const std::size_t wanted = dimension == 0 ? known->dimensions[0] : dimension;
  if (std::ranges::find(known->dimensions, wanted) == known->dimensions.end())
    return failure(base::invalid_argument("embeddings.dimension",
                                          fmt::format("{} makes no vectors of dimension {}", id, wanted)));
  return EmbeddingModel{.id = id,
                        .family = known->family,
                        .dimension = wanted,
                        .texts_per_call = known->texts_per_call,
                        .max_tokens = known->max_tokens,
                        .max_characters = known->max_characters};
}

std::string embedding_body(const EmbeddingModel& model, std::span<const std::string> texts,
                           llm::EmbedPurpose purpose) {
  using enum EmbeddingFamily;
  base::JsonWriter out;
  out.open_object();
  if (model.family == kCohereV3 || model.family == kCohereV4) {
    write_cohere(out, model, texts, purpose);
  } else if (model.family == kNova) {
    write_nova(out, model, cut(model, texts.front()), purpose);
  } else {
    out.key("inputText").text(cut(model, texts.front()));
    const auto dimension = static_cast<std::int64_t>(model.dimension);
    if (model.family == kTitanV2) out.key("dimensions").number(dimension).key("normalize").boolean(true);
    if (model.family == kTitanImage)
      out.key("embeddingConfig").open_object().key("outputEmbeddingLength").number(dimension).close_object();
  }
  return out.close_object().take();
}

Result<llm::Embeddings> read_embeddings(const EmbeddingModel& model, std::string_view body,
                                        std::size_t count) {
  const auto parsed = base::parse_json(body);
  const json::object* reply = parsed ? parsed->if_object() : nullptr;
  if (reply == nullptr) return failure(unreadable("embeddings that are not a JSON object"));
  json::array made;
  const json::array* rows = rows_of(model, *reply, made);
  if (rows == nullptr || rows->size() != count)
    return failure(
        unreadable(fmt::format("{} vectors for {} texts", rows == nullptr ? 0 : rows->size(), count)));
  llm::Embeddings out;
  out.dimension = model.dimension;
  out.values.reserve(count * model.dimension);
  for (const json::value& row : *rows) CAPROCK_CHECK(append_row(row, model.dimension, out.values));
  out.usage.input_tokens = number_of(*reply, "inputTextTokenCount");
  return out;
}

}  // namespace caprock::providers::bedrock
