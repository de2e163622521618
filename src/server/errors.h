#pragma once

#include <boost/json/fwd.hpp>
#include <string>

#include "base/context.h"
#include "server/exchange.h"

namespace caprock::server {

/// An error as its client reads it.
struct RenderedError {
  int status = 500;
  Headers headers;
  std::string body;
};

/// The one place where an error becomes an answer. kRest: {"error":{"type","message","field"?,"request_id",
/// "retry_after"?}}; a dialect of the SDKs has a file of its own beside this one (openai_error.h). `detail`
/// and `origin` of the error never appear.
RenderedError render_error(Dialect dialect, const base::Error& error, const base::RequestId& request_id);

/// A REST error alone: {"type","message","field"?,"request_id","retry_after"?}.
boost::json::object rest_error_object(const base::Error& error, const base::RequestId& request_id);

/// The JSON body of a REST error alone, for the `error` event of a stream.
std::string rest_error_json(const base::Error& error, const base::RequestId& request_id);

}  // namespace caprock::server
