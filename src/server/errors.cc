#include "server/errors.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/utf8.h"
#include "server/anthropic_error.h"
#include "server/bedrock_error.h"
#include "server/openai_error.h"

namespace caprock::server {

boost::json::object rest_error_object(const base::Error& error, const base::RequestId& request_id) {
  boost::json::object told;
  told["type"] = base::traits(error.kind).name;
  // A message may quote what the client sent, which need not be UTF-8.
  told["message"] = base::repair_utf8(error.message);
  if (!error.field.empty()) told["field"] = base::repair_utf8(error.field);
  told["request_id"] = request_id.str();
  if (error.retry_after) told["retry_after"] = error.retry_after->count();
  return told;
}

std::string rest_error_json(const base::Error& error, const base::RequestId& request_id) {
  return boost::json::serialize(boost::json::object{{"error", rest_error_object(error, request_id)}});
}

RenderedError render_error(Dialect dialect, const base::Error& error, const base::RequestId& request_id) {
  if (dialect == Dialect::kBedrock) return render_bedrock_error(error, request_id);
  if (dialect == Dialect::kOpenAi) return render_openai_error(error);
  if (dialect == Dialect::kAnthropic) return render_anthropic_error(error, request_id);
  RenderedError answer{.status = base::traits(error.kind).http_status,
                       .headers = {{"content-type", "application/json"}, {"cache-control", "no-store"}},
                       .body = rest_error_json(error, request_id)};
  if (error.retry_after) answer.headers.add("retry-after", std::to_string(error.retry_after->count()));
  if (error.kind == base::ErrorKind::kUnauthenticated)
    answer.headers.add("www-authenticate", "Bearer realm=\"caprock\"");
  return answer;
}

}  // namespace caprock::server
