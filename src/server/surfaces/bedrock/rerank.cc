#include "server/surfaces/bedrock/rerank.h"

#include <algorithm>
#include <boost/json.hpp>
#include <numeric>

#include "base/json/json_text.h"
#include "base/json/last_member.h"
#include "server/surfaces/bedrock/shape.h"

namespace caprock::server::bedrock {

namespace json = boost::json;
using base::failure;
using base::Result;

namespace {

constexpr std::size_t kMostSources = 1000;

Result<std::string> read_source(const json::value& value, std::string path) {
  CAPROCK_TRY(const Shape source, Shape::of(value, std::move(path), {"type", "inlineDocumentSource"}));
  CAPROCK_CHECK(source.choice("type", {"INLINE"}));
  CAPROCK_TRY(const Shape document,
              source.required_shape("inlineDocumentSource", {"type", "textDocument", "jsonDocument"}));
  if (const json::value* tree = document.find("jsonDocument")) return base::json_text(*tree);
  CAPROCK_TRY(const Shape text, document.required_shape("textDocument", {"text"}));
  return text.required_text("text");
}

Result<std::string> read_query(const Shape& body) {
  CAPROCK_TRY(const json::array* queries, body.array("queries"));
  if (queries == nullptr || queries->size() != 1)
    return failure(body.must_be("queries", "a list of one query"));
  CAPROCK_TRY(const Shape query, Shape::of(queries->front(), "queries[0]", {"type", "textQuery"}));
  CAPROCK_CHECK(query.choice("type", {"TEXT"}));
  CAPROCK_TRY(const Shape text, query.required_shape("textQuery", {"text"}));
  return text.required_text("text");
}

}  // namespace

Result<RerankBody> read_rerank(const json::value& value) {
  CAPROCK_TRY(const Shape body,
              Shape::of(value, "", {"queries", "sources", "rerankingConfiguration", "nextToken"}));
  RerankBody read;
  CAPROCK_TRY(read.query, read_query(body));
  CAPROCK_TRY(const json::array* sources, body.array("sources"));
  if (sources == nullptr || sources->empty() || sources->size() > kMostSources)
    return failure(body.must_be("sources", "a list of 1 to 1000 sources"));
  for (std::size_t i = 0; i < sources->size(); ++i) {
    CAPROCK_TRY(auto passage, read_source((*sources)[i], item_path("sources", i)));
    read.passages.push_back(std::move(passage));
  }
  CAPROCK_TRY(const Shape outer,
              body.required_shape("rerankingConfiguration", {"type", "bedrockRerankingConfiguration"}));
  CAPROCK_TRY(const Shape inner, outer.required_shape("bedrockRerankingConfiguration",
                                                      {"numberOfResults", "modelConfiguration"}));
  CAPROCK_TRY(const auto results, inner.integer("numberOfResults", 1));
  read.results = results ? static_cast<std::size_t>(*results) : read.passages.size();
  if (read.results > read.passages.size())
    return failure(inner.must_be("numberOfResults", "at most the number of sources"));
  CAPROCK_TRY(const Shape model,
              inner.required_shape("modelConfiguration", {"modelArn", "additionalModelRequestFields"}));
  CAPROCK_TRY(read.model, model.required_text("modelArn"));
  return read;
}

std::string rerank_reply(const RerankBody& body, const std::vector<double>& scores) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
  });
  json::array results;
  for (std::size_t i = 0; i < std::min(body.results, order.size()); ++i)
    results.push_back({{"index", order[i]}, {"relevanceScore", scores[order[i]]}});
  json::object out;
  out["results"] = std::move(results);
  return base::json_text(out);
}

std::string rerank_model(std::string_view body) {
  for (const std::string_view name :
       {"rerankingConfiguration", "bedrockRerankingConfiguration", "modelConfiguration"})
    body = base::last_member(body, name);
  return base::last_text(body, "modelArn");
}

}  // namespace caprock::server::bedrock
