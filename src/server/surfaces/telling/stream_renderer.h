#pragma once

#include <vector>

#include "base/result.h"
#include "llm/chat_events.h"
#include "server/sse_writer.h"

namespace caprock::server {

/// Events of a model → events of one dialect's stream. Pure.
class StreamRenderer {
 public:
  virtual ~StreamRenderer() = default;
  /// kUpstream for a reply that the dialect cannot tell or that contradicts itself.
  virtual base::Result<std::vector<SseEvent>> render(const llm::StreamEvent& event) = 0;
  /// The last events of a stream that broke: an error, and no end.
  virtual std::vector<SseEvent> broken(const base::Error& error) = 0;
  /// The model's reply is whole: nothing follows.
  virtual bool done() const = 0;
};

}  // namespace caprock::server
