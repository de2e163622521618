#include "providers/bedrock/invoke/body.h"

#include <boost/json.hpp>

#include "base/json/json_text.h"
#include "providers/bedrock/content_writer.h"

namespace caprock::providers::bedrock::invoke {

using base::failure;
using base::Result;

void write_number(base::JsonWriter& out, std::string_view name, const std::optional<std::int64_t>& value) {
  if (value) out.key(name).number(*value);
}

void write_number(base::JsonWriter& out, std::string_view name, const std::optional<double>& value) {
  if (value) out.key(name).number(*value);
}

void write_texts(base::JsonWriter& out, std::string_view name, const std::vector<std::string>& values) {
  if (values.empty()) return;
  out.key(name).open_array();
  for (const std::string& value : values) out.text(value);
  out.close_array();
}

Result<std::string> with_additional_fields(std::string body, const llm::ChatRequest& request) {
  constexpr std::string_view kField = "additionalModelRequestFields";
  if (request.additional_fields_json.empty()) return body;
  CAPROCK_TRY(std::string_view fields, checked_object(request.additional_fields_json, kField));
  const auto added = base::parse_json(fields);
  if (added->get_object().empty()) return body;
  const auto own = base::parse_json(body);
  if (!own || !own->is_object()) return failure(base::internal_error("a body that is no JSON object"));
  for (const auto& field : added->get_object())
    if (own->get_object().contains(field.key()))
      return failure(base::invalid_argument(std::string(kField) + "." + std::string(field.key()),
                                            "is said by another field of the request already"));
  // The caller's text stays as it is, for its numbers would not survive being read.
  fields.remove_prefix(fields.find('{') + 1);
  body.pop_back();
  if (body.size() > 1) body += ',';
  return body += fields;
}

}  // namespace caprock::providers::bedrock::invoke
