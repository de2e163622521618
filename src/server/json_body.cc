#include "server/json_body.h"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <cmath>
#include <deque>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "net/http_text.h"

namespace caprock::server {
namespace {

namespace json = boost::json;
using ErrorCode = boost::system::error_code;

// Where the parser stands: one entry an open object or array.
struct Level {
  bool array;
  std::size_t index = 0;      ///< of the element that comes next
  std::size_t first_key = 0;  ///< of an object: where its keys begin among those of all open objects
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

  Builder(std::string_view text, std::size_t max_values, json::storage_ptr memory)
      : text_(text), left_(max_values) {
    stack_.reset(std::move(memory));
  }

  json::value release() { return stack_.release(); }
  const std::string& problem() const { return problem_; }
  std::string path() const {
    std::string text;
    for (std::size_t i = 0; i < levels_.size(); ++i) {
      const Level& level = levels_[i];
      const std::size_t keys = i + 1 < levels_.size() ? levels_[i + 1].first_key : keys_.size();
      if (level.array)
        text += "[" + std::to_string(level.index) + "]";
      else if (keys > level.first_key)
        text += (text.empty() ? "" : ".") + std::string(keys_[keys - 1]);
    }
    return text;
  }

  bool on_document_begin(ErrorCode&) { return true; }
  bool on_document_end(ErrorCode&) { return true; }
  bool on_object_begin(ErrorCode&) {
    levels_.push_back({.array = false, .first_key = keys_.size()});
    return true;
  }
  bool on_object_end(std::size_t n, ErrorCode& ec) {
    if (!keys_are_unique(ec)) return false;
    keys_.resize(levels_.back().first_key);
    levels_.pop_back();
    stack_.push_object(n);
    return value_done(ec);
  }
  bool on_array_begin(ErrorCode&) {
    levels_.push_back({.array = true, .first_key = keys_.size()});
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
    keys_.push_back(kept(s));
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

  /// A key that came in one piece and without escapes stands in the text itself.
  std::string_view kept(std::string_view s) {
    const bool in_text = std::greater_equal<>()(s.data(), text_.data()) &&
                         std::less_equal<>()(s.data() + s.size(), text_.data() + text_.size());
    if (key_.empty() && in_text) return s;
    key_ += s;
    return unescaped_.emplace_back(std::exchange(key_, {}));
  }

  bool keys_are_unique(ErrorCode& ec) {
    const auto keys = std::span(keys_).subspan(levels_.back().first_key);
    std::string_view twice;
    constexpr std::size_t kFew = 12;
    if (keys.size() <= kFew) {
      for (std::size_t i = 1; i < keys.size() && twice.data() == nullptr; ++i)
        if (std::ranges::find(keys.first(i), keys[i]) != keys.begin() + static_cast<std::ptrdiff_t>(i))
          twice = keys[i];
    } else {
      std::ranges::sort(keys);
      const auto found = std::ranges::adjacent_find(keys);
      if (found != keys.end()) twice = *found;
    }
    if (twice.data() == nullptr) return true;
    keys.back() = twice;  // so that path() names it
    return refuse("the key '" + std::string(twice) + "' comes twice in one object", ec);
  }

  const std::string_view text_;
  json::value_stack stack_;
  std::vector<Level> levels_;
  std::vector<std::string_view> keys_;  ///< of all open objects, outermost first
  std::deque<std::string> unescaped_;   ///< the keys that do not stand in the text as they are
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
  std::string_view type = content_type.substr(0, content_type.find(';'));
  while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
  constexpr std::string_view kApplication = "application/";
  constexpr std::string_view kSuffix = "+json";
  return net::same_name(type, "application/json") ||
         (type.size() > kApplication.size() + kSuffix.size() &&
          net::same_name(type.substr(0, kApplication.size()), kApplication) &&
          net::same_name(type.substr(type.size() - kSuffix.size()), kSuffix));
}

}  // namespace

namespace {

base::Result<json::value> parse(std::string_view text, const JsonLimits& limits, json::storage_ptr memory) {
  json::parse_options options;
  options.max_depth = limits.depth;
  json::basic_parser<Builder> parser(options, text, limits.values, std::move(memory));
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

base::Awaitable<base::Result<std::string>> read_text(Request& request) {
  const std::string_view type = request.headers.get("content-type");
  if (!type.empty() && !is_json(type))
    co_return base::failure(
        base::Error(base::ErrorKind::kUnsupportedMediaType, "send the body as content-type: application/json")
            .with_field("content-type"));
  // The limit of the route already stands in the reader.
  CAPROCK_CO_TRY(std::string text,
                 co_await read_all(*request.body, std::numeric_limits<std::uint64_t>::max()));
  if (text.empty()) co_return base::failure(base::invalid_argument("", "the request needs a JSON body"));
  co_return text;
}

}  // namespace

base::Result<json::value> parse_json_body(std::string_view text, const JsonLimits& limits) {
  return parse(text, limits, {});
}

base::Result<JsonDocument> parse_json_document(std::string_view text, const JsonLimits& limits) {
  // Most of a body is text, which is copied once; what small bodies need of keys and values is less than
  // this.
  constexpr std::size_t kBesides = 4096;
  auto memory = std::make_unique<json::monotonic_resource>(text.size() + kBesides);
  CAPROCK_TRY(auto value, parse(text, limits, memory.get()));
  return JsonDocument{.memory = std::move(memory), .value = std::move(value)};
}

base::Awaitable<base::Result<json::value>> read_json(Request& request, JsonLimits limits) {
  CAPROCK_CO_TRY(const std::string text, co_await read_text(request));
  co_return parse_json_body(text, limits);
}

base::Awaitable<base::Result<JsonDocument>> read_json_document(Request& request, JsonLimits limits) {
  CAPROCK_CO_TRY(const std::string text, co_await read_text(request));
  co_return parse_json_document(text, limits);
}

}  // namespace caprock::server
