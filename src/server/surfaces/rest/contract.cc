#include "server/surfaces/rest/contract.h"

#include <boost/json.hpp>
#include <map>
#include <set>
#include <string_view>

#include "base/error.h"

namespace caprock::server::rest {

namespace json = boost::json;

namespace {

std::string_view meaning(int status) {
  static const std::map<int, std::string_view> kMeanings{
      {400, "Something in the request is wrong; the message names it."},
      {401, "No API key, or an unknown one."},
      {403, "Not allowed, or a foreign Host or Origin."},
      {404, "No such thing."},
      {408, "The request came too slowly."},
      {409, "The thing is in a state that forbids this."},
      {413, "The body is above its limit."},
      {415, "A content type that is not read here."},
      {422, "It cannot be done: the Idempotency-Key was used with another body, or the prompt is too long."},
      {429, "A limit of the caller is reached."},
      {431, "The headers are above their limit."},
      {500, "A defect of the server."},
      {501, "Not offered here."},
      {502, "A dependency answered with an error."},
      {503, "Too busy, or a dependency is down; retry_after says for how long."},
      {504, "The deadline of the request has passed."},
      {507, "The disk is full."}};
  return kMeanings.at(status);
}

// What can happen on every route before or around its handler.
std::set<int> statuses_of(const Operation& operation) {
  std::set<int> all{400, 403, 408, 431, 500, 503, 504};
  all.insert(operation.errors.begin(), operation.errors.end());
  if (operation.auth != AuthClass::kPublic) all.insert({401, 429, 502, 507});
  if (!operation.request.empty()) all.insert({413, 415});
  if (operation.idempotency_key) all.insert(422);
  return all;
}

json::object content(std::string_view type, std::string_view schema) {
  json::object media;
  if (!schema.empty()) media["schema"] = {{"$ref", "#/components/schemas/" + std::string(schema)}};
  if (schema.empty() && type.starts_with("text/")) media["schema"] = {{"type", "string"}};
  return {{type, std::move(media)}};
}

json::object responses(const Operation& operation) {
  json::object all;
  for (const int status : statuses_of(operation)) {
    all[std::to_string(status)] = {{"description", meaning(status)},
                                   {"content", content("application/json", "Error")}};
  }
  for (const auto& reply : operation.replies) {
    json::object told{{"description", reply.help}};
    if (!reply.content_type.empty()) told["content"] = content(reply.content_type, reply.schema);
    all[std::to_string(reply.status)] = std::move(told);
  }
  return all;
}

json::object parameter(std::string_view name, std::string_view in, bool required, json::object schema) {
  return {{"name", name}, {"in", in}, {"required", required}, {"schema", std::move(schema)}};
}

// {id} and {turn} alike are UUIDs.
void add_path_parameters(std::string_view pattern, json::array& out) {
  while (true) {
    const auto open = pattern.find('{');
    if (open == std::string_view::npos) return;
    const auto close = pattern.find('}', open);
    out.push_back(parameter(pattern.substr(open + 1, close - open - 1), "path", true,
                            {{"type", "string"}, {"format", "uuid"}}));
    pattern.remove_prefix(close + 1);
  }
}

json::array parameters(const Operation& operation) {
  json::array all;
  add_path_parameters(operation.pattern, all);
  for (const auto& field : operation.query.fields()) {
    all.push_back(parameter(field.name, "query", field.required, field.schema));
  }
  if (operation.idempotency_key) {
    auto key = parameter("Idempotency-Key", "header", false,
                         {{"type", "string"}, {"minLength", 1}, {"maxLength", 255}, {"pattern", "^[!-~]+$"}});
    key["description"] = "The same key with the same body has its effect once.";
    all.push_back(std::move(key));
  }
  return all;
}

json::object described(const Operation& operation) {
  json::object out{{"operationId", operation.id},
                   {"tags", json::array{operation.tag}},
                   {"summary", operation.summary},
                   {"responses", responses(operation)}};
  if (auto all = parameters(operation); !all.empty()) out["parameters"] = std::move(all);
  if (!operation.request.empty()) {
    out["requestBody"] = {{"required", true},
                          {"content", content(operation.request_type, operation.request)}};
  }
  // On loopback without configured keys no key is needed: hence the empty alternative.
  out["security"] =
      operation.auth == AuthClass::kPublic
          ? json::array()
          : json::array{json::object(), {{"bearer", json::array()}}, {{"apiKey", json::array()}}};
  return out;
}

std::string lower(std::string_view method) {
  std::string out(method);
  for (char& c : out) c = static_cast<char>(c | 0x20);
  return out;
}

}  // namespace

json::object contract(const std::vector<Operation>& operations, const ContractFacts& facts) {
  json::object paths;
  for (const auto& operation : operations) {
    auto& path = paths[operation.pattern];
    if (!path.is_object()) path = json::object();
    path.as_object()[lower(operation.method)] = described(operation);
  }
  return {{"openapi", "3.1.0"},
          {"info",
           {{"title", "Caprock"},
            {"version", facts.version},
            {"description", "Documents in, answers with checked citations out."}}},
          {"paths", std::move(paths)},
          {"components",
           {{"schemas", component_schemas(facts)},
            {"securitySchemes",
             {{"bearer", {{"type", "http"}, {"scheme", "bearer"}}},
              {"apiKey", {{"type", "apiKey"}, {"in", "header"}, {"name", "x-api-key"}}}}}}}};
}

}  // namespace caprock::server::rest
