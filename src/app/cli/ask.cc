#include <boost/json/object.hpp>
#include <ostream>

#include "app/cli/api_error.h"
#include "app/cli/commands.h"
#include "app/cli/print_answer.h"
#include "base/json/json_text.h"

namespace caprock::app {
namespace {

namespace json = boost::json;
using base::Result;

Result<json::object> body_of(const AskOptions& options, const Terminal& terminal) {
  json::object body{{"query", words_or_input(options.question, terminal)}};
  if (!options.collection.empty()) body["collection"] = options.collection;
  if (!options.model.empty()) body["model"] = options.model;
  if (options.top_k != 0) body["top_k"] = options.top_k;
  if (options.retrieval_only) body["retrieval_only"] = true;
  if (!options.filter.empty()) {
    Result<json::value> filter = base::parse_json(options.filter);
    if (!filter)
      return base::failure(base::invalid_argument("--filter", "--filter: " + filter.error().message));
    body["filter"] = std::move(*filter);
  }
  return body;
}

}  // namespace

int run_ask(ApiClient& client, const Terminal& terminal, const AskOptions& options, bool as_json) {
  const Result<json::object> body = body_of(options, terminal);
  if (!body) return report(terminal, body.error());
  const Result<ApiResponse> response = client.call({.method = "POST",
                                                    .target = "/query",
                                                    .headers = {{"content-type", "application/json"}},
                                                    .body = base::json_text(*body)});
  if (!response) return report(terminal, response.error());
  if (!response->ok()) return report(terminal, *response);
  const Result<json::value> answer = json_body(*response);
  if (!answer) return report(terminal, answer.error());
  if (as_json)
    terminal.out << response->body << '\n';
  else
    terminal.out << answer_text(*answer);
  const json::value& abstained = value_at(*answer, "abstained");
  return abstained.is_bool() && abstained.get_bool() ? kExitAbstained : kExitOk;
}

}  // namespace caprock::app
