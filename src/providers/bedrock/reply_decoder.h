#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aws/eventstream.h"
#include "base/result.h"
#include "llm/chat_events.h"
#include "providers/bedrock/errors.h"

namespace caprock::providers::bedrock {

/// The bytes of a streamed reply as events, split anywhere. Pure. What the frames hold is the matter of who
/// derives from it.
class ReplyDecoder {
 public:
  explicit ReplyDecoder(CallPlace place) : place_(std::move(place)) {}
  virtual ~ReplyDecoder() = default;
  /// Appends the events that became whole. After an error nothing more is to be pushed; what was appended
  /// before it is good. Errors: that of an exception in the stream; kUpstream for a checksum, a length, JSON
  /// or an order of events that are wrong.
  base::Result<void> push(std::string bytes, std::vector<llm::StreamEvent>& out);
  /// Whether the last event has come.
  virtual bool done() const = 0;
  /// The body has ended; appends what only its end makes sure. kUpstream unless the reply is whole.
  virtual base::Result<void> finish(std::vector<llm::StreamEvent>& out) = 0;

 protected:
  virtual base::Result<void> take_event(std::string_view type, std::string_view payload,
                                        std::vector<llm::StreamEvent>& out) = 0;
  const CallPlace& place() const { return place_; }

 private:
  base::Result<void> take(const aws::EventMessage& message, std::vector<llm::StreamEvent>& out);

  const CallPlace place_;
  aws::EventStreamReader reader_;
};

}  // namespace caprock::providers::bedrock
