#include "server/surfaces/bedrock/converse_reply.h"

#include <boost/json.hpp>

#include "base/json/json_text.h"
#include "server/surfaces/bedrock/content_writer.h"

namespace caprock::server::bedrock {

namespace json = boost::json;

base::Result<std::string> converse_reply(const llm::ChatReply& reply, std::int64_t measured_latency_ms) {
  json::array content;
  for (const llm::ContentBlock& block : reply.message.content) {
    CAPROCK_TRY(json::object written, block_json(block));
    content.push_back(std::move(written));
  }
  json::object message{{"role", "assistant"}};
  message["content"] = std::move(content);
  json::object output;
  output["message"] = std::move(message);
  json::object out;
  out["output"] = std::move(output);
  out["stopReason"] = stop_reason_name(reply.stop.reason);
  add_metadata(out, reply.metadata, measured_latency_ms);
  add_extra(out, reply.stop);
  return base::json_text(out);
}

}  // namespace caprock::server::bedrock
