#include "server/surfaces/openai/response_item.h"

#include "base/base64.h"
#include "server/surfaces/openai/sealed_thought.h"

namespace caprock::server::openai {

namespace json = boost::json;

std::string_view ResponseItem::prefix(Kind kind) {
  switch (kind) {
    case Kind::kText:
    case Kind::kRefusal:
      return "msg_";
    case Kind::kReasoning:
      return "rs_";
    case Kind::kCall:
      return "fc_";
    case Kind::kImage:
      return "ig_";
  }
  return "";
}

json::object ResponseItem::part() const {
  if (kind == Kind::kReasoning) return {{"type", "summary_text"}, {"text", thought.text}};
  if (kind == Kind::kRefusal) return {{"type", "refusal"}, {"refusal", text}};
  return {{"type", "output_text"}, {"text", text}, {"annotations", annotations}, {"logprobs", json::array()}};
}

json::object ResponseItem::json(std::string_view status) const {
  json::object out{{"id", id}};
  json::array parts;
  if (part_open) parts.push_back(part());
  switch (kind) {
    case Kind::kText:
    case Kind::kRefusal:
      out["type"] = "message";
      out["status"] = status;
      out["role"] = "assistant";
      out["content"] = std::move(parts);
      return out;
    case Kind::kReasoning:
      out["type"] = "reasoning";
      out["summary"] = std::move(parts);
      // Nothing is stored here, so it is there without being asked for: no next turn could do without.
      if (status != "in_progress") out["encrypted_content"] = seal_thought(thought);
      return out;
    case Kind::kCall:
      out["type"] = "function_call";
      out["status"] = status;
      out["call_id"] = call_id;
      out["name"] = name;
      out["arguments"] = text;
      return out;
    case Kind::kImage:
      out["type"] = "image_generation_call";
      out["status"] = status;
      out["result"] = nullptr;
      if (!image.source.bytes.empty() && status != "in_progress")
        out["result"] = base::base64_encode(image.source.bytes);
      if (!image.source.uri.empty()) out["url"] = image.source.uri;
      if (!image.format.empty()) out["output_format"] = image.format;
      return out;
  }
  return out;
}

}  // namespace caprock::server::openai
