#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json/fields.h"
#include "server/exchange.h"
#include "server/surfaces/rest/rest_parts.h"

namespace caprock::server::rest {

/// One documented answer of an operation.
struct Reply {
  int status = 200;
  std::string_view help;
  std::string_view schema;  ///< name under components/schemas; empty: no JSON
  std::string_view content_type = "application/json";
};

/// A route together with what the contract says of it: one table gives both.
struct Operation {
  std::string_view method;
  std::string_view pattern;
  AuthClass auth;
  std::string_view id;  ///< operationId
  std::string_view tag;
  std::string_view summary;
  Handler handler;
  std::vector<Reply> replies;
  std::vector<int> errors;        ///< statuses besides those that every operation has
  base::FieldTable query = {};    ///< parameters; any other is refused
  std::string_view request = {};  ///< schema of the body; empty: none
  std::string_view request_type = "application/json";
  bool idempotency_key = false;
  std::uint64_t body_limit = 0;  ///< as of Route
  bool any_query = false;        ///< does not look at the query string (probes add things to it)
};

using Parts = std::shared_ptr<const RestParts>;

std::vector<Operation> system_operations(const Parts& parts);
std::vector<Operation> model_operations(const Parts& parts);
std::vector<Operation> generate_operations(const Parts& parts);
std::vector<Operation> key_operations(const Parts& parts);
std::vector<Operation> query_operations(const Parts& parts);
std::vector<Operation> chat_operations(const Parts& parts);
std::vector<Operation> conversation_operations(const Parts& parts);
std::vector<Operation> document_operations(const Parts& parts);
std::vector<Operation> ingest_operations(const Parts& parts);
std::vector<Operation> upload_operations(const Parts& parts);

/// Binds a handler function to the parts: the closure lives in the route, so the coroutine may refer to it.
template <class Function>
Handler bound(const Parts& parts, Function function) {
  return [parts, function](Exchange& exchange) { return function(*parts, exchange); };
}

}  // namespace caprock::server::rest
