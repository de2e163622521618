#pragma once

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <memory>
#include <string_view>

#include "base/awaitable.h"
#include "base/result.h"
#include "server/exchange.h"

namespace caprock::server {

struct JsonLimits {
  std::size_t depth = 100;
  std::size_t values = 2'000'000;  ///< a few bytes of text become a value of some thirty in memory
};

/// JSON text (RFC 8259) of a client. Stricter than base::parse_json, which reads what this program wrote.
/// Refused as kInvalidArgument: bad syntax, invalid UTF-8, a key that comes twice in one object, too many
/// levels or values. The message has line and column, `field` the path to the place ("filter.and[0].year").
base::Result<boost::json::value> parse_json_body(std::string_view text, const JsonLimits& limits = {});

/// A parsed body whose parts share one memory: made and dropped without a call of the allocator for each. For
/// surfaces that only read it.
struct JsonDocument {
  std::unique_ptr<boost::json::monotonic_resource> memory;
  boost::json::value value;
};
/// As parse_json_body.
base::Result<JsonDocument> parse_json_document(std::string_view text, const JsonLimits& limits = {});

/// Reads and parses a JSON request body. Besides the errors of parse_json_body and of the reader:
/// kUnsupportedMediaType for a content type other than JSON, kInvalidArgument for an empty body.
base::Awaitable<base::Result<boost::json::value>> read_json(Request& request, JsonLimits limits = {});
/// As read_json.
base::Awaitable<base::Result<JsonDocument>> read_json_document(Request& request, JsonLimits limits = {});

}  // namespace caprock::server
