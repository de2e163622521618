#include "server/surfaces/models/openai_list.h"

#include <boost/json.hpp>

#include "base/json/json_text.h"

namespace caprock::server::openai {

namespace json = boost::json;

namespace {

json::object model_json(const llm::ModelInfo& model) {
  return {{"id", model.id}, {"object", "model"}, {"created", 0}, {"owned_by", model.provider}};
}

}  // namespace

std::string model_list(const std::vector<llm::ModelInfo>& models) {
  json::array list;
  for (const llm::ModelInfo& model : models) list.push_back(model_json(model));
  return base::json_text(json::object{{"object", "list"}, {"data", std::move(list)}});
}

std::string one_model(const llm::ModelInfo& model) { return base::json_text(model_json(model)); }

}  // namespace caprock::server::openai
