#include "app/cli/api_error.h"

#include <fmt/format.h>

#include <cctype>
#include <ostream>

#include "base/json/json_text.h"

namespace caprock::app {

namespace json = boost::json;

int report(const Terminal& terminal, const base::Error& error) {
  terminal.err << "caprock: " << printable(error.message) << '\n';
  switch (error.kind) {
    case base::ErrorKind::kUnavailable:
    case base::ErrorKind::kConflict:
    case base::ErrorKind::kPermissionDenied:
      return kExitUnreachable;
    case base::ErrorKind::kInvalidArgument:
      return kExitUsage;
    default:
      return kExitFailed;
  }
}

int report(const Terminal& terminal, const ApiResponse& response) {
  terminal.err << "caprock: " << printable(error_text(response)) << '\n';
  if (response.status == 401) terminal.err << "caprock: put the server's API key into CAPROCK_API_KEY\n";
  return kExitFailed;
}

std::string error_text(const ApiResponse& response) {
  const auto body = json_body(response);
  const json::value error = body ? value_at(*body, "error") : json::value();
  const std::string message = text_at(error, "message");
  if (message.empty()) return fmt::format("the server answered with status {}", response.status);
  const std::string field = text_at(error, "field");
  return field.empty() || message.find(field) != std::string::npos ? message
                                                                   : fmt::format("{}: {}", field, message);
}

base::Result<json::value> json_body(const ApiResponse& response) {
  auto parsed = base::parse_json(response.body);
  if (!parsed)
    return base::failure(base::Error(base::ErrorKind::kUpstream, "the server's answer is not JSON"));
  return parsed;
}

const json::value& value_at(const json::value& value, std::string_view key) {
  static const json::value kNothing;
  const json::object* object = value.if_object();
  const json::value* found = object == nullptr ? nullptr : object->if_contains(key);
  return found == nullptr ? kNothing : *found;
}

std::string text_at(const json::value& value, std::string_view key) {
  const json::string* text = value_at(value, key).if_string();
  return text == nullptr ? std::string() : std::string(*text);
}

std::int64_t number_at(const json::value& value, std::string_view key) {
  boost::system::error_code inexact;
  const auto number = value_at(value, key).to_number<std::int64_t>(inexact);
  return inexact ? 0 : number;
}

const json::array& array_at(const json::value& value, std::string_view key) {
  static const json::array kNone;
  const json::array* items = value_at(value, key).if_array();
  return items == nullptr ? kNone : *items;
}

std::string url_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x80 && std::isalnum(byte)) || c == '-' || c == '_' || c == '.' || c == '~')
      out += c;
    else
      out += fmt::format("%{:02X}", byte);
  }
  return out;
}

}  // namespace caprock::app
