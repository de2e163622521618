#include "server/json_body.h"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <cctype>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace caprock::server {
namespace {

namespace json = boost::json;
using ErrorCode = boost::system::error_code;

// Where the parser stands: one entry an open object or array.
struct Level {
  bool array;
  std::size_t index = 0;          ///< of the element that comes next
  std::vector<std::string> keys;  ///< of an object, so far
};

// What Boost.JSON's parser calls. Builds the value and keeps the path, which Boost's own handler does not.
class Builder {
 public:
  // NOLINTBEGIN(readability-identifier-naming): names that the parser looks for
  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();
  // NOLINTEND(readability-identifier-naming)

  explicit Builder(std::size_t max_values) : left_(max_values) { stack_.reset(); }

  json::value release() { return stack_.release(); }
  const std::string& problem() const { return problem_; }
  std::string path() const {
    std::string text;
    for (const Level& level : levels_) {
      if (level.array)
        text += "[" + std::to_string(level.index) + "]";
      else if (!level.keys.empty())
        text += (text.empty() ? "" : ".") + level.keys.back();
    }
    return text;
  }

  bool on_document_begin(ErrorCode&) { return true; }
  bool on_document_end(ErrorCode&) { return true; }
  bool on_object_begin(ErrorCode&) {
    levels_.push_back({.array = false, .keys = {}});
    return true;
  }
  bool on_object_end(std::size_t n, ErrorCode& ec) {
    if (!keys_are_unique(ec)) return false;
    levels_.pop_back();
    stack_.push_object(n);
    return value_done(ec);
  }
  bool on_array_begin(ErrorCode&) {
    levels_.push_back({.array = true, .keys = {}});
    return true;
  }
  bool on_array_end(std::size_t n, ErrorCode& ec) {
    levels_.pop_back();
    stack_.push_array(n);
    return value_done(ec);
  }
  bool on_key_part(json::string_view s, std::size_t, ErrorCode&) {
    key_ += std::string_view(s);
    stack_.push_chars(s);
    return true;
  }
  bool on_key(json::string_view s, std::size_t, ErrorCode&) {
    key_ += std::string_view(s);
    levels_.back().keys.push_back(std::exchange(key_, {}));
    stack_.push_key(s);
    return true;
  }
  bool on_string_part(json::string_view s, std::size_t, ErrorCode&) {
    stack_.push_chars(s);
    return true;
  }
  bool on_string(json::string_view s, std::size_t, ErrorCode& ec) {
    stack_.push_string(s);
    return value_done(ec);
  }
  bool on_number_part(json::string_view, ErrorCode&) { return true; }
  bool on_int64(std::int64_t i, json::string_view, ErrorCode& ec) {
    stack_.push_int64(i);
    return value_done(ec);
  }
  bool on_uint64(std::uint64_t u, json::string_view, ErrorCode& ec) {
    stack_.push_uint64(u);
    return value_done(ec);
  }
  bool on_double(double d, json::string_view, ErrorCode& ec) {
    if (!std::isfinite(d)) return refuse("a number is too large", ec);  // the parser makes it infinite
    stack_.push_double(d);
    return value_done(ec);
  }
  bool on_bool(bool b, ErrorCode& ec) {
    stack_.push_bool(b);
    return value_done(ec);
  }
  bool on_null(ErrorCode& ec) {
    stack_.push_null();
    return value_done(ec);
  }
  bool on_comment_part(json::string_view, ErrorCode&) { return true; }
  bool on_comment(json::string_view, ErrorCode&) { return true; }

 private:
  bool refuse(std::string why, ErrorCode& ec) {
    problem_ = std::move(why);
    ec = json::error::syntax;
    return false;
  }

  bool value_done(ErrorCode& ec) {
    if (left_ == 0) return refuse("more values than allowed", ec);
    --left_;
    if (!levels_.empty() && levels_.back().array) ++levels_.back().index;
    return true;
  }

  bool keys_are_unique(ErrorCode& ec) {
    std::vector<std::string>& keys = levels_.back().keys;
    std::ranges::sort(keys);
    const auto twice = std::ranges::adjacent_find(keys);
    if (twice == keys.end()) return true;
    keys.assign(1, std::string(*twice));  // so that path() names it
    return refuse("the key '" + keys.front() + "' comes twice in one object", ec);
  }

  json::value_stack stack_;
  std::vector<Level> levels_;
  std::string key_;
  std::string problem_;
  std::size_t left_;
};

std::string position(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto line = std::ranges::count(before, '\n') + 1;
  const auto last_break = before.rfind('\n');
  const auto column = last_break == std::string_view::npos ? offset + 1 : offset - last_break;
  return " at line " + std::to_string(line) + ", column " + std::to_string(column);
}

std::string reason(const ErrorCode& ec, const Builder& builder, const JsonLimits& limits) {
  if (!builder.problem().empty()) return builder.problem();
  if (ec == json::error::too_deep) return "more than " + std::to_string(limits.depth) + " levels";
  if (ec == json::error::incomplete) return "the text ends too early";
  if (ec == json::error::extra_data) return "text after the end of the value";
  return ec.message();
}

bool is_json(std::string_view content_type) {
  std::string type(content_type.substr(0, content_type.find(';')));
  while (type.ends_with(' ') || type.ends_with('\t')) type.pop_back();
  std::ranges::transform(type, type.begin(), [](unsigned char c) { return std::tolower(c); });
  return type == "application/json" || (type.starts_with("application/") && type.ends_with("+json"));
}

}  // namespace

base::Result<json::value> parse_json_body(std::string_view text, const JsonLimits& limits) {
  json::parse_options options;
  options.max_depth = limits.depth;
  json::basic_parser<Builder> parser(options, limits.values);
  ErrorCode ec;
  const std::size_t consumed = parser.write_some(false, text.data(), text.size(), ec);
  std::size_t at = consumed;
  if (!ec) {
    // Only blanks may follow the value.
    at = std::min(text.find_first_not_of(" \t\r\n", consumed), text.size());
    if (at < text.size()) ec = json::error::extra_data;
  }
  if (!ec) return parser.handler().release();
  std::string field = ec == json::error::extra_data ? "" : parser.handler().path();
  return base::failure(base::invalid_argument(
      std::move(field),
      "the JSON body cannot be read: " + reason(ec, parser.handler(), limits) + position(text, at)));
}

base::Awaitable<base::Result<json::value>> read_json(Request& request, JsonLimits limits) {
  const std::string_view type = request.headers.get("content-type");
  if (!type.empty() && !is_json(type))
    co_return base::failure(
        base::Error(base::ErrorKind::kUnsupportedMediaType, "send the body as content-type: application/json")
            .with_field("content-type"));
  // The limit of the route already stands in the reader.
  CAPROCK_CO_TRY(const std::string text,
                 co_await read_all(*request.body, std::numeric_limits<std::uint64_t>::max()));
  if (text.empty()) co_return base::failure(base::invalid_argument("", "the request needs a JSON body"));
  co_return parse_json_body(text, limits);
}

}  // namespace caprock::server
