#include "app/cli/records.h"

#include <fmt/format.h>

#include "app/cli/api_error.h"
#include "base/json/json_text.h"

namespace caprock::app {
namespace {

namespace json = boost::json;

base::Error at_line(const std::string& file, std::size_t number, const std::string& what) {
  return base::invalid_argument("records", fmt::format("{}:{}: {}", file, number, what));
}

/// A name may be a number: many corpora count their documents.
std::string name_at(const json::value& record, std::string_view key) {
  const json::value& value = value_at(record, key);
  return value.is_int64() || value.is_uint64() ? base::json_text(value) : text_at(record, key);
}

template <class Read>
std::string first_of(std::initializer_list<std::string_view> keys, Read read) {
  for (const std::string_view key : keys)
    if (std::string found = read(key); !found.empty()) return found;
  return {};
}

}  // namespace

base::Result<json::object> record_body(std::string_view line, const std::string& file, std::size_t number) {
  const base::Result<json::value> record = base::parse_json(line);
  if (!record) return base::failure(at_line(file, number, "is not JSON: " + record.error().message));
  if (!record->is_object()) return base::failure(at_line(file, number, "is not a JSON object"));
  const std::string text =
      first_of({"text", "content", "body"}, [&](auto key) { return text_at(*record, key); });
  if (text.empty())
    return base::failure(at_line(file, number, "has no text in \"text\", \"content\" or \"body\""));
  std::string name = first_of({"id", "_id", "url"}, [&](auto key) { return name_at(*record, key); });
  if (name.empty()) name = fmt::format("{}", number);
  json::object body{{"content", text}, {"source", file + "#" + name}, {"content_type", "text/plain"}};
  if (const std::string title = text_at(*record, "title"); !title.empty()) body["title"] = title;
  if (const json::object* metadata = value_at(*record, "metadata").if_object();
      metadata && !metadata->empty())
    body["metadata"] = *metadata;
  return body;
}

}  // namespace caprock::app
