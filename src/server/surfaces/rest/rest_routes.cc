#include "server/surfaces/rest/rest_routes.h"

#include <boost/json.hpp>
#include <iterator>

#include "base/json/json_text.h"
#include "server/surfaces/rest/contract.h"
#include "server/surfaces/rest/messages.h"
#include "server/surfaces/rest/operation.h"

namespace caprock::server {

namespace {

using rest::Done;
using rest::Operation;

// A misspelt parameter must not be ignored, also where none is known.
Done without_query(const Handler& handler, Exchange& x) {
  CAPROCK_CO_TRY(const auto pairs, rest::query_pairs(x.request));
  CAPROCK_CO_CHECK(base::FieldTable().read_query(nullptr, pairs));
  co_return co_await handler(x);
}

Handler checked(const Operation& operation) {
  if (operation.any_query || !operation.query.fields().empty()) return operation.handler;
  return [handler = operation.handler](Exchange& x) { return without_query(handler, x); };
}

Operation contract_operation(const std::shared_ptr<const std::string>& text) {
  return {.method = "GET",
          .pattern = "/openapi.json",
          .auth = AuthClass::kPublic,
          .id = "contract",
          .tag = "system",
          .summary = "This contract.",
          .handler = [text](Exchange& x) { return rest::answer_text(x, "application/json", *text); },
          .replies = {{.help = "OpenAPI 3.1.", .schema = "Contract"}},
          .errors = {},
          .any_query = true};
}

std::vector<Operation> all_operations(const rest::Parts& parts) {
  std::vector<Operation> all;
  for (auto* group :
       {rest::system_operations, rest::key_operations, rest::model_operations, rest::generate_operations,
        rest::query_operations, rest::chat_operations, rest::conversation_operations,
        rest::document_operations, rest::ingest_operations, rest::upload_operations}) {
    auto some = group(parts);
    all.insert(all.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
  }
  return all;
}

}  // namespace

std::vector<Route> rest_routes(RestParts given) {
  const auto parts = std::make_shared<const RestParts>(std::move(given));
  auto operations = all_operations(parts);
  // The contract describes itself, so its text is filled in when its own operation stands in the table.
  const auto text = std::make_shared<std::string>();
  operations.push_back(contract_operation(text));
  rest::ContractFacts facts{.version = parts->version,
                            .tools = {},
                            .batch = static_cast<std::size_t>(parts->settings.generate.batch_requests)};
  for (const auto& spec : parts->tools.specs()) facts.tools.push_back(spec.name);
  *text = base::json_text(rest::contract(operations, facts));

  std::vector<Route> routes;
  routes.reserve(operations.size());
  for (auto& operation : operations) {
    routes.push_back({.method = operation.method,
                      .pattern = operation.pattern,
                      .auth = operation.auth,
                      .dialect = Dialect::kRest,
                      .handler = checked(operation),
                      .body_limit = operation.body_limit});
  }
  return routes;
}

}  // namespace caprock::server
