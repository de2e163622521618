#include "providers/bedrock/rerank_codec.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <cmath>

#include "aws/endpoint.h"
#include "base/json/json_text.h"
#include "base/json/json_writer.h"
#include "base/utf8.h"
#include "providers/bedrock/reply_reader.h"

namespace caprock::providers::bedrock {

namespace json = boost::json;
using base::failure;
using base::Result;

namespace {

// The longest text of a passage and of a query that the service takes, in characters.
constexpr std::size_t kLongestPassage = 32'000;
constexpr std::size_t kLongestQuery = 9'000;

}  // namespace

std::string rerank_body(std::string_view model_arn, std::string_view query,
                        std::span<const std::string> passages, std::string_view page) {
  base::JsonWriter out;
  out.open_object()
      .key("queries")
      .open_array()
      .open_object()
      .key("type")
      .text("TEXT")
      .key("textQuery")
      .open_object();
  out.key("text")
      .text(base::slice_code_points(query, 0, kLongestQuery))
      .close_object()
      .close_object()
      .close_array();
  out.key("sources").open_array();
  for (const std::string& passage : passages) {
    out.open_object()
        .key("type")
        .text("INLINE")
        .key("inlineDocumentSource")
        .open_object()
        .key("type")
        .text("TEXT");
    out.key("textDocument")
        .open_object()
        .key("text")
        .text(base::slice_code_points(passage, 0, kLongestPassage));
    out.close_object().close_object().close_object();
  }
  out.close_array().key("rerankingConfiguration").open_object().key("type").text("BEDROCK_RERANKING_MODEL");
  out.key("bedrockRerankingConfiguration").open_object();
  out.key("numberOfResults").number(static_cast<std::int64_t>(passages.size()));
  out.key("modelConfiguration").open_object().key("modelArn").text(model_arn).close_object();
  out.close_object().close_object();
  if (!page.empty()) out.key("nextToken").text(page);
  return out.close_object().take();
}

Result<std::string> read_scores(std::string_view body, std::vector<double>& scores) {
  const auto parsed = base::parse_json(body);
  const json::object* reply = parsed ? parsed->if_object() : nullptr;
  const json::array* results = reply == nullptr ? nullptr : array_of(*reply, "results");
  if (results == nullptr) return failure(unreadable("no list 'results'"));
  for (const json::value& item : *results) {
    const json::object* one = item.if_object();
    const json::value* score = one == nullptr ? nullptr : one->if_contains("relevanceScore");
    const json::value* index = one == nullptr ? nullptr : one->if_contains("index");
    if (score == nullptr || !score->is_number() || index == nullptr || !index->is_int64())
      return failure(unreadable("a result without index or score"));
    const std::int64_t place = index->get_int64();
    boost::system::error_code failed;
    const auto value = score->to_number<double>(failed);
    if (place < 0 || place >= std::ssize(scores) || failed || !std::isfinite(value))
      return failure(unreadable(fmt::format("a score of passage {} of {}", place, scores.size())));
    scores[static_cast<std::size_t>(place)] = value;
  }
  return text_of(*reply, "nextToken");
}

std::string model_arn(std::string_view model, std::string_view region) {
  if (model.starts_with("arn:")) return std::string(model);
  return fmt::format("arn:{}:bedrock:{}::foundation-model/{}", aws::partition_of(region), region, model);
}

}  // namespace caprock::providers::bedrock
