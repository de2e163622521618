#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json/json_writer.h"
#include "base/result.h"
#include "llm/chat_model.h"
#include "server/surfaces/telling/stream_renderer.h"

namespace caprock::server::openai {

/// What every piece of one reply says of itself.
struct ReplyHead {
  std::string id;            ///< "chatcmpl-…"
  std::int64_t created = 0;  ///< seconds since 1970
  std::string model;         ///< as the client named it
};

/// A whole reply as a chat completion, JSON text. kUpstream for an end that the dialect cannot tell
/// (malformed output). https://platform.openai.com/docs/api-reference/chat/object
base::Result<std::string> render_reply(const ReplyHead& head, const llm::ChatReply& reply);

/// Events of a model → data of SSE events, one or none an event. Pure. finish_reason is only written for a
/// MessageStop that came; [DONE] only after StreamMetadata.
/// https://platform.openai.com/docs/api-reference/chat-streaming
class ChunkRenderer final : public StreamRenderer {
 public:
  ChunkRenderer(const ReplyHead& head, bool include_usage);
  base::Result<std::vector<SseEvent>> render(const llm::StreamEvent& event) override;
  std::vector<SseEvent> broken(const base::Error& error) override;
  bool done() const override { return done_; }

 private:
  struct Delta;
  base::JsonWriter begin_chunk() const;
  static void open_choice(base::JsonWriter& out);
  std::string end_choice(base::JsonWriter& out, std::optional<std::string_view> finish) const;
  std::string usage_chunk(const llm::StreamMetadata& metadata) const;

  std::string head_;  ///< the beginning of every chunk, open
  bool include_usage_;
  bool begun_ = false;
  bool stopped_ = false;
  bool done_ = false;
  std::map<std::int32_t, std::int64_t> tools_;     ///< block → index among the tool calls
  std::map<std::int32_t, std::int64_t> thoughts_;  ///< block → index among reasoning_details
};

}  // namespace caprock::server::openai
