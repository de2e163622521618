#include <boost/json.hpp>
#include <charconv>
#include <string>

#include "rag/parse/builder.h"
#include "rag/parse/formats.h"

namespace caprock::rag {
namespace {

namespace json = boost::json;

constexpr std::size_t kDeepest = 32;

std::string scalar_text(const json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_null()) return {};
  return json::serialize(value);
}

void add_field(std::string& out, const std::string& key, std::string_view value) {
  if (value.empty()) return;
  if (!out.empty()) out += '\n';
  if (!key.empty()) out += key + ": ";
  out += value;
}

// "key: value" a line; objects within as "key.inner", lists of scalars with commas. Depth is bounded by the
// parser.
void render(std::string& out, const std::string& key, const json::value& value) {
  if (const json::object* object = value.if_object()) {
    for (const auto& [name, inner] : *object)
      render(out, key.empty() ? std::string(name) : key + "." + std::string(name), inner);
  } else if (const json::array* array = value.if_array()) {
    std::string joined;
    for (const json::value& item : *array) {
      if (item.is_object() || item.is_array())
        render(out, key, item);
      else
        joined += (joined.empty() ? "" : ", ") + scalar_text(item);
    }
    add_field(out, key, joined);
  } else {
    add_field(out, key, scalar_text(value));
  }
}

base::Error bad_line(std::size_t line, const std::string& why) {
  return base::invalid_argument("content",
                                "line " + std::to_string(line) + " of the JSON lines is not JSON: " + why);
}

}  // namespace

base::Result<ParsedDocument> parse_json_lines(const FormatInput& input) {
  DocumentBuilder builder(mime::kJsonLines);
  json::parse_options options;
  options.max_depth = kDeepest;
  std::size_t number = 0;
  for (std::size_t start = 0; start < input.bytes.size();) {
    const std::size_t end = std::min(input.bytes.find('\n', start), input.bytes.size());
    const std::string_view line = input.bytes.substr(start, end - start);
    start = end + 1;
    ++number;
    if (line.find_first_not_of(" \t\f") == std::string_view::npos) continue;
    boost::system::error_code error;
    json::monotonic_resource memory;
    const json::value value = json::parse(line, error, &memory, options);
    if (error) return base::failure(bad_line(number, error.message()));
    std::string text;
    render(text, {}, value);
    builder.add(Block::Kind::kParagraph, text);
    if (builder.bytes() > input.max_text) return base::failure(text_too_large(input.max_text));
  }
  return builder.finish();
}

}  // namespace caprock::rag
