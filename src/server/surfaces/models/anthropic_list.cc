#include "server/surfaces/models/anthropic_list.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <span>

#include "base/json/json_text.h"

namespace caprock::server::anthropic {

namespace json = boost::json;
using base::failure;
using base::Result;

namespace {

constexpr std::size_t kLargestPage = 1000;

bool converses(const llm::ModelInfo& model) {
  return model.output_kinds.empty() ||
         std::ranges::find(model.output_kinds, "text") != model.output_kinds.end();
}

json::value count(const std::optional<std::int64_t>& number) {
  return number ? json::value(*number) : json::value(nullptr);
}

json::object model_json(const llm::ModelInfo& model) {
  return {{"type", "model"},
          {"id", model.id},
          {"display_name", model.name.empty() ? model.id : model.name},
          {"created_at", "1970-01-01T00:00:00Z"},  // nobody says; Anthropic's own word for that
          {"max_input_tokens", count(model.context_tokens)},
          {"max_tokens", count(model.max_output_tokens)},
          {"lifecycle", "active"}};
}

Result<std::size_t> position(std::span<const llm::ModelInfo* const> models, const std::string& id,
                             const char* parameter) {
  const auto found =
      std::ranges::find_if(models, [&](const llm::ModelInfo* model) { return model->id == id; });
  if (found == models.end())
    return failure(base::not_found("There is no model '" + id + "' to go on from.").with_field(parameter));
  return static_cast<std::size_t>(found - models.begin());
}

}  // namespace

Result<Page> read_page(const Request& request) {
  Page page;
  page.after = request.query_value("after_id").value_or("");
  page.before = request.query_value("before_id").value_or("");
  const auto limit = request.query_value("limit");
  if (!limit) return page;
  const auto read = std::from_chars(limit->data(), limit->data() + limit->size(), page.limit);
  if (read.ec != std::errc() || read.ptr != limit->data() + limit->size() || page.limit < 1 ||
      page.limit > kLargestPage)
    return failure(base::invalid_argument("limit", "'limit' must be 1 to 1000."));
  return page;
}

Result<std::string> model_list(const std::vector<llm::ModelInfo>& models, const Page& page) {
  std::vector<const llm::ModelInfo*> all;
  for (const llm::ModelInfo& model : models)
    if (converses(model)) all.push_back(&model);
  std::size_t begin = 0;
  std::size_t end = all.size();
  bool more = false;
  if (!page.before.empty()) {
    CAPROCK_TRY(end, position(all, page.before, "before_id"));
    begin = end - std::min(end, page.limit);
    more = begin > 0;
  } else {
    if (!page.after.empty()) {
      CAPROCK_TRY(begin, position(all, page.after, "after_id"));
      ++begin;
    }
    end = begin + std::min(all.size() - begin, page.limit);
    more = end < all.size();
  }
  json::array list;
  for (std::size_t i = begin; i < end; ++i) list.push_back(model_json(*all[i]));
  const auto id_of = [&](std::size_t i) {
    return begin < end ? json::value(all[i]->id) : json::value(nullptr);
  };
  json::object out{{"data", std::move(list)}, {"has_more", more}};
  out["first_id"] = id_of(begin);
  out["last_id"] = begin < end ? id_of(end - 1) : json::value(nullptr);
  return base::json_text(out);
}

std::string one_model(const llm::ModelInfo& model) { return base::json_text(model_json(model)); }

}  // namespace caprock::server::anthropic
