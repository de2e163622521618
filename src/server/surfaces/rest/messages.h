#pragma once

#include <boost/json/fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/awaitable.h"
#include "base/json/fields.h"
#include "server/exchange.h"
#include "stores/document_store.h"
#include "stores/types.h"

namespace caprock::server::rest {

using Done = base::Awaitable<base::Result<void>>;

// What handlers share: reading the parts of a request, writing answers.

Done answer_json(Exchange& exchange, int status, const boost::json::value& body);
Done answer_text(Exchange& exchange, std::string_view content_type, std::string text);
Done answer_nothing(Exchange& exchange);  ///< 204

/// The decoded pairs of the query string, in order. kInvalidArgument for broken escapes and bytes that are no
/// UTF-8.
base::Result<std::vector<std::pair<std::string, std::string>>> query_pairs(const Request& request);

/// The entry for an Idempotency-Key header, without its resource; nothing without the header.
/// kInvalidArgument for a key that is not 1 to 255 visible ASCII characters.
base::Result<std::optional<stores::IdempotencyEntry>> idempotency(const Request& request, std::string route,
                                                                  std::string_view body);

/// The route's {id}, when it is a UUID; kNotFound otherwise: nothing else can name anything.
base::Result<std::string> uuid_param(const Exchange& exchange, std::string_view what);
bool is_uuid(std::string_view text);

struct PageQuery {
  std::uint32_t limit = 50;
  std::string cursor;
};
/// The collection's name: [A-Za-z0-9._-], at most 64, the first a letter or digit.
base::Result<std::string> read_collection(const boost::json::value& value, const std::string& path);
boost::json::object collection_schema();

boost::json::value cursor_json(const std::string& cursor);  ///< null when empty

}  // namespace caprock::server::rest
