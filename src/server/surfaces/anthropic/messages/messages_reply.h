#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "llm/chat_model.h"

namespace caprock::server::anthropic {

/// What every piece of one reply says of itself.
struct ReplyHead {
  std::string id;     ///< "msg_…"
  std::string model;  ///< as the client named it
  std::string stop_sequence =
      {};  ///< the only one that was asked for: what matched, where the provider is silent
};
ReplyHead head_of(std::string id, const llm::ChatRequest& request);

/// A whole reply as a message, JSON text. kUpstream for an end that the dialect cannot tell (malformed
/// output) and for arguments of a tool that are no JSON object. https://docs.claude.com/en/api/messages
base::Result<std::string> render_reply(const ReplyHead& head, const llm::ChatReply& reply);

/// One event of a stream: its type, which is also a member of the data, and the data, JSON text.
struct Event {
  std::string_view type;
  std::string data;
};

/// Events of a model → events of the dialect, none to three an event. Pure. Blocks are numbered in the order
/// in which they begin, and one ends before the next begins; message_delta and message_stop are only written
/// for a MessageStop that came, with the StreamMetadata behind it.
/// https://docs.claude.com/en/docs/build-with-claude/streaming
class EventRenderer {
 public:
  explicit EventRenderer(ReplyHead head) : head_(std::move(head)) {}
  /// kUpstream for what the dialect cannot tell: a reply that goes back to a block which has ended, or an end
  /// as of render_reply.
  base::Result<std::vector<Event>> render(const llm::StreamEvent& event);
  /// message_stop was written: nothing follows.
  bool done() const { return done_; }

 private:
  class Visitor;
  struct Block {
    std::int32_t index = 0;
    bool open = true;
  };
  ReplyHead head_;
  std::map<std::int32_t, Block> blocks_;  ///< by the model's number
  std::optional<std::int32_t> current_;   ///< the model's number of the block that is open
  std::optional<llm::MessageStop> stop_;
  bool begun_ = false;
  bool done_ = false;
};

}  // namespace caprock::server::anthropic
