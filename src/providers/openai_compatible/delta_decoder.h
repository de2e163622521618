#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "llm/chat_events.h"

namespace caprock::providers::openai {

/// The `delta` objects of one reply (or its whole `message`, which has the same members) as events. Gives the
/// blocks their numbers: a text ends where a tool use begins, tool uses stay open to the end, for their
/// arguments may interleave. Pure; the failures are texts for the log.
class DeltaDecoder {
 public:
  using Events = std::vector<llm::StreamEvent>;
  using Outcome = std::expected<void, std::string>;

  Outcome take(const boost::json::object& delta, Events& out);
  /// Ends every open block.
  void close(Events& out);
  bool used_tools() const { return !tools_.empty(); }
  /// What tells this reply from others, for ids of tool uses where the server gives none.
  void set_reply_id(std::string_view id);

 private:
  enum class Open : std::uint8_t { kNothing, kText, kRefusal, kThought };
  struct ToolCall {
    std::int32_t block = 0;
    std::string id;
  };

  std::int32_t block_of(Open kind, Events& out);
  void close_current(Events& out);
  Outcome take_thoughts(const boost::json::object& delta, Events& out);
  Outcome take_thought_detail(const boost::json::object& detail, Events& out);
  Outcome take_tool_call(const boost::json::object& call, Events& out);
  Outcome begin_tool_call(std::int64_t index, const boost::json::object& call, Events& out);
  Outcome take_annotations(const boost::json::object& delta, Events& out);
  Outcome take_images(const boost::json::object& delta, Events& out);

  std::string reply_id_;
  Open open_ = Open::kNothing;
  std::int32_t current_ = 0;         ///< the open block that is no tool use
  std::int64_t thought_index_ = -1;  ///< of reasoning_details: another one is another block
  std::int32_t blocks_ = 0;
  std::map<std::int64_t, ToolCall> tools_;
  std::vector<std::int32_t> open_tools_;
};

}  // namespace caprock::providers::openai
