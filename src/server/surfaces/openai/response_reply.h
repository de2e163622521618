#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "server/surfaces/openai/response_item.h"
#include "server/surfaces/telling/stream_renderer.h"

namespace caprock::server::openai {

struct ResponseHead {
  std::string id;            ///< without its prefix: "resp_", and "msg_", "rs_", "fc_" of the items
  std::string model;         ///< as the client named it
  boost::json::object echo;  ///< ResponseBody::echo
};

/// Events of a model → events of a response, and the response itself, from the same items: a plain reply is
/// what the stream would have ended with. Holds the whole reply, for the last event repeats it. A block of
/// the model becomes an item of the output. "completed" and "incomplete" are only said for a MessageStop that
/// came and StreamMetadata behind it. https://platform.openai.com/docs/api-reference/responses-streaming
class ResponseRenderer final : public StreamRenderer {
 public:
  /// The clock must outlive it.
  ResponseRenderer(ResponseHead head, const base::Clock& clock);
  base::Result<std::vector<SseEvent>> render(const llm::StreamEvent& event) override;
  std::vector<SseEvent> broken(const base::Error& error) override;
  bool done() const override { return done_; }
  /// The response object as it stands, JSON text.
  std::string response() const;

 private:
  struct Taking;
  boost::json::object object() const;
  void emit(std::string_view type, boost::json::object members);
  void emit_response(std::string_view type);
  void emit_at(const ResponseItem& item, std::string_view type, boost::json::object members);
  base::Result<ResponseItem*> at(std::int32_t block, ResponseItem::Kind kind);
  void open(ResponseItem& item);
  void close(ResponseItem& item, std::string_view status);
  void finish_ending(std::string_view status);
  base::Result<void> stop(const llm::MessageStop& event);
  void end(const llm::StreamMetadata& event);

  ResponseHead head_;
  const base::Clock& clock_;
  std::int64_t created_;
  std::optional<std::int64_t> completed_;
  std::string_view status_ = "in_progress";
  std::string_view incomplete_;  ///< the reason
  std::optional<boost::json::object> error_;
  std::optional<boost::json::object> usage_;
  std::map<std::int32_t, ResponseItem> items_;  ///< by the model's block
  boost::json::array output_;                   ///< null where an item is not finished
  std::optional<std::int32_t> ending_;  ///< a finished block: its last events tell how the reply went on
  std::int64_t sequence_ = 0;
  bool begun_ = false;
  bool stopped_ = false;
  bool done_ = false;
  std::vector<SseEvent> out_;
};

}  // namespace caprock::server::openai
