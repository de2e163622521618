#include "server/surfaces/openai/embeddings.h"

#include <fmt/format.h>

#include <bit>
#include <boost/json.hpp>
#include <cstdint>
#include <span>

#include "base/base64.h"
#include "base/json/json_text.h"
#include "base/json/members.h"

namespace caprock::server::openai {

namespace json = boost::json;
using base::failure;
using base::invalid_argument;
using base::Result;

namespace {

constexpr std::size_t kMostTexts = 2048;  // OpenAI's limit
constexpr std::int64_t kMostDimensions = 16'384;

Result<std::vector<std::string>> read_input(const json::value* input) {
  std::vector<std::string> texts;
  if (input != nullptr && input->is_string()) texts.emplace_back(input->get_string());
  if (input != nullptr && input->is_array()) {
    for (const json::value& item : input->get_array()) {
      if (!item.is_string())
        return failure(invalid_argument(fmt::format("input[{}]", texts.size()),
                                        "'input' must hold texts: tokens are not taken here."));
      texts.emplace_back(item.get_string());
    }
  }
  if (texts.empty() || texts.size() > kMostTexts)
    return failure(
        invalid_argument("input", fmt::format("'input' must be a text or 1 to {} texts.", kMostTexts)));
  for (std::size_t i = 0; i < texts.size(); ++i)
    if (texts[i].empty())
      return failure(invalid_argument(fmt::format("input[{}]", i), "A text of 'input' must not be empty."));
  return texts;
}

std::string packed(std::span<const float> row) {
  static_assert(std::endian::native == std::endian::little);
  return base::base64_encode({reinterpret_cast<const char*>(row.data()), row.size_bytes()});
}

}  // namespace

Result<EmbeddingsBody> read_embeddings_body(const json::value& body) {
  const json::object* object = body.if_object();
  if (object == nullptr) return failure(invalid_argument("", "The body must be a JSON object."));
  const base::Members members(*object, "");
  EmbeddingsBody out;
  CAPROCK_TRY(out.model, members.required_text("model"));
  CAPROCK_TRY(out.texts, read_input(members.find("input")));
  CAPROCK_TRY(const auto dimensions, members.integer("dimensions"));
  if (dimensions && (*dimensions < 1 || *dimensions > kMostDimensions))
    return failure(invalid_argument("dimensions",
                                    fmt::format("'dimensions' must be between 1 and {}.", kMostDimensions)));
  out.dimensions = static_cast<std::size_t>(dimensions.value_or(0));
  CAPROCK_TRY(const auto format, members.text("encoding_format"));
  if (!format.empty() && format != "float" && format != "base64")
    return failure(invalid_argument("encoding_format", "'encoding_format' must be float or base64."));
  out.base64 = format == "base64";
  return out;
}

std::string render_embeddings(const EmbeddingsBody& body, const llm::Embeddings& vectors) {
  json::array data;
  for (std::size_t i = 0; i < vectors.count(); ++i) {
    const auto row = vectors.row(i);
    json::value vector = body.base64 ? json::value(json::string(packed(row)))
                                     : json::value(json::array(row.begin(), row.end()));
    data.push_back(json::object{{"object", "embedding"}, {"index", i}, {"embedding", std::move(vector)}});
  }
  const std::int64_t tokens = vectors.usage.total();
  return base::json_text(json::object{{"object", "list"},
                                      {"data", std::move(data)},
                                      {"model", body.model},
                                      {"usage", {{"prompt_tokens", tokens}, {"total_tokens", tokens}}}});
}

}  // namespace caprock::server::openai
