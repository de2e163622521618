#include "server/surfaces/rest/generate_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

namespace caprock::server::rest {

namespace json = boost::json;
using base::failure;
using base::Fields;
using base::invalid_argument;
using base::Result;

namespace {

constexpr std::size_t kMaxText = 25'000'000;  // code points: the limit of a JSON body comes first
constexpr std::size_t kMaxModel = 2048;       // an ARN
constexpr std::size_t kMaxStops = 100;
constexpr std::size_t kMaxStop = 1000;
constexpr std::size_t kMaxRequestId = 128;

struct NumberRule {
  std::string_view help;
  double max = 1;
};

json::object number_schema(const NumberRule& rule) {
  return {{"type", "number"}, {"minimum", 0}, {"maximum", rule.max}, {"description", rule.help}};
}

Result<double> read_number(const json::value& value, const std::string& path, const NumberRule& rule) {
  if (!value.is_number())
    return failure(invalid_argument(
        path, fmt::format("{} must be a number, not {}.", path, base::json_type_name(value))));
  const auto number = value.to_number<double>();
  if (!(number >= 0 && number <= rule.max))
    return failure(
        invalid_argument(path, fmt::format("{} must be between 0 and {}, not {}.", path, rule.max, number)));
  return number;
}

void add_number(Fields<GenerateBody>& fields, std::string name, std::optional<double> GenerateBody::* member,
                NumberRule rule) {
  fields.custom(std::move(name), member, number_schema(rule),
                [rule](const json::value& v, const std::string& path) { return read_number(v, path, rule); });
}

json::object stops_schema() {
  return {{"type", "array"},
          {"maxItems", kMaxStops},
          {"items", {{"type", "string"}, {"minLength", 1}, {"maxLength", kMaxStop}}},
          {"description", "Texts at which the model stops."}};
}

Result<std::vector<std::string>> read_stops(const json::value& value, const std::string& path) {
  if (!value.is_array() || value.get_array().size() > kMaxStops)
    return failure(
        invalid_argument(path, fmt::format("{} must be a list of at most {} texts.", path, kMaxStops)));
  std::vector<std::string> stops;
  for (std::size_t i = 0; i < value.get_array().size(); ++i) {
    const std::string at = fmt::format("{}[{}]", path, i);
    CAPROCK_TRY(auto stop, base::read_text(value.get_array()[i], at, {.help = "", .max = kMaxStop}));
    if (stop.empty()) return failure(invalid_argument(at, fmt::format("{} must not be empty.", at)));
    stops.push_back(std::move(stop));
  }
  return stops;
}

// It travels on in headers and logs.
Result<std::string> read_request_id(const json::value& value, const std::string& path) {
  CAPROCK_TRY(auto id, base::read_text(value, path, {.help = ""}));
  const bool visible = std::ranges::all_of(id, [](char c) { return c > ' ' && c < 127; });
  if (id.empty() || id.size() > kMaxRequestId || !visible)
    return failure(invalid_argument(
        path, fmt::format("{} must be 1 to {} visible ASCII characters.", path, kMaxRequestId)));
  return id;
}

Fields<GenerateBody> make_generate_fields() {
  Fields<GenerateBody> fields;
  fields
      .text("prompt", &GenerateBody::prompt,
            {.help = "What the model is asked.", .required = true, .max = kMaxText, .blank = false})
      .text("model_preference", &GenerateBody::model_preference,
            {.help = "The model to ask, one of /models; by default the configured one.",
             .max = kMaxModel,
             .blank = false})
      .integer("max_tokens", &GenerateBody::max_tokens,
               {.help = "Most tokens of the answer; by default the model's own limit.",
                .min = 1,
                .max = 10'000'000});
  add_number(fields, "temperature", &GenerateBody::temperature,
             {.help = "By default the model's own. Not sent to a model that does not take it.", .max = 2});
  add_number(fields, "top_p", &GenerateBody::top_p,
             {.help = "By default the model's own. Not sent to a model that does not take it, or not beside "
                      "temperature."});
  fields
      .integer("top_k", &GenerateBody::top_k,
               {.help = "By default the model's own. Not sent to a model that does not take it.",
                .min = 1,
                .max = 100'000})
      .custom("stop_sequences", &GenerateBody::stop_sequences, stops_schema(), read_stops)
      .text("context", &GenerateBody::context,
            {.help = "Put before the prompt, as <context>…</context>.", .max = kMaxText})
      .custom("request_id", &GenerateBody::request_id,
              {{"type", "string"},
               {"minLength", 1},
               {"maxLength", kMaxRequestId},
               {"pattern", "^[!-~]+$"},
               {"description", "Comes back with the answer; by default the server's own."}},
              read_request_id);
  return fields;
}

Result<std::vector<GenerateBody>> read_requests(const json::value& value, const std::string& path) {
  if (!value.is_array() || value.get_array().empty())
    return failure(
        invalid_argument(path, fmt::format("{} must be a list of requests that is not empty.", path)));
  std::vector<GenerateBody> requests;
  for (std::size_t i = 0; i < value.get_array().size(); ++i) {
    CAPROCK_TRY(auto one, generate_fields().parse(value.get_array()[i], fmt::format("{}[{}]", path, i)));
    requests.push_back(std::move(one));
  }
  return requests;
}

Fields<BatchBody> make_batch_fields() {
  Fields<BatchBody> fields;
  fields.custom("requests", &BatchBody::requests,
                {{"type", "array"},
                 {"minItems", 1},
                 {"items", {{"$ref", "#/components/schemas/GenerateRequest"}}},
                 {"description", "Answered in the same order."}},
                read_requests, true);
  return fields;
}

}  // namespace

const Fields<GenerateBody>& generate_fields() {
  static const auto kFields = make_generate_fields();
  return kFields;
}

const Fields<BatchBody>& batch_fields() {
  static const auto kFields = make_batch_fields();
  return kFields;
}

llm::ChatRequest chat_request_of(const GenerateBody& body) {
  llm::ChatRequest request{.model = body.model_preference};
  std::string text = body.prompt;
  if (!body.context.empty()) text = fmt::format("<context>\n{}\n</context>\n\n{}", body.context, body.prompt);
  request.messages.push_back(llm::text_message(llm::Role::kUser, std::move(text)));
  request.inference = {.max_tokens = body.max_tokens,
                       .temperature = body.temperature,
                       .top_p = body.top_p,
                       .top_k = body.top_k,
                       .stop_sequences = body.stop_sequences};
  request.stream = false;
  return request;
}

}  // namespace caprock::server::rest
