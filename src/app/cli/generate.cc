#include <boost/json/object.hpp>
#include <cmath>
#include <fstream>
#include <iterator>
#include <ostream>

#include "app/cli/api_error.h"
#include "app/cli/commands.h"
#include "base/json/json_text.h"

namespace caprock::app {
namespace {

namespace json = boost::json;
using base::Result;

Result<json::object> body_of(const GenerateOptions& options, const Terminal& terminal) {
  json::object body{{"prompt", words_or_input(options.prompt, terminal)}};
  if (!options.model.empty()) body["model_preference"] = options.model;
  if (options.max_tokens != 0) body["max_tokens"] = options.max_tokens;
  if (!std::isnan(options.temperature)) body["temperature"] = options.temperature;
  if (options.context.empty()) return body;
  std::ifstream in(options.context, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in)
    return base::failure(
        base::invalid_argument("--context", "--context: " + options.context + " cannot be read"));
  body["context"] = text;
  return body;
}

}  // namespace

int run_generate(ApiClient& client, const Terminal& terminal, const GenerateOptions& options, bool as_json) {
  const Result<json::object> body = body_of(options, terminal);
  if (!body) return report(terminal, body.error());
  const Result<ApiResponse> response = client.call({.method = "POST",
                                                    .target = "/generate",
                                                    .headers = {{"content-type", "application/json"}},
                                                    .body = base::json_text(*body)});
  if (!response) return report(terminal, response.error());
  if (!response->ok()) return report(terminal, *response);
  const Result<json::value> answer = json_body(*response);
  if (!answer) return report(terminal, answer.error());
  const json::value& text = value_at(*answer, "text");
  if (as_json)
    terminal.out << response->body << '\n';
  else
    terminal.out << printable(text.is_string() ? std::string_view(text.get_string()) : "") << '\n';
  return kExitOk;
}

}  // namespace caprock::app
