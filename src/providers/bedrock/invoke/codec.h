#pragma once

#include <boost/json/object.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "llm/chat_events.h"
#include "llm/chat_request.h"

namespace caprock::providers::bedrock::invoke {

/// A reply as far as it has been read. `stop` is there when the model has said that it ended; the stream's
/// end makes the last two events of it.
struct Reply {
  std::vector<llm::StreamEvent> events = {};
  std::optional<llm::MessageStop> stop = {};
  llm::StreamMetadata metadata = {.usage = {}, .usage_known = false};
};

/// Reads one reply in the words of one family: either one body, or chunks in their order. Pure. Errors:
/// those of `unreadable`, and what the model itself reports.
class ReplyReader {
 public:
  virtual ~ReplyReader() = default;
  virtual base::Result<void> whole(const boost::json::object& body, Reply& reply) = 0;
  virtual base::Result<void> chunk(const boost::json::object& chunk, Reply& reply) = 0;
};

/// How one family of models is spoken to by InvokeModel. What its bodies cannot say is refused with
/// kInvalidArgument and the field's name.
struct Codec {
  std::string_view name;      ///< as settings name it
  bool streams = true;        ///< false: the service gives whole replies only
  bool user_in_body = false;  ///< who is behind the caller has a member of the body
  base::Result<std::string> (*body)(const llm::ChatRequest& request) = nullptr;
  std::unique_ptr<ReplyReader> (*reader)() = nullptr;
};

/// The codec that `model` (an id, a profile's id or an ARN) speaks, by the table of families.cc; null for
/// none, and for ids that do not tell their model.
const Codec* codec_of(std::string_view model);
/// By name ("claude", "llama3", …); null for none. `codec_names` lists them for people.
const Codec* codec_named(std::string_view name);
std::string codec_names();
/// Whether InvokeModel is the only way to converse with `model`: Converse does not know it as one to chat
/// with.
bool only_invoked(std::string_view model);

}  // namespace caprock::providers::bedrock::invoke
