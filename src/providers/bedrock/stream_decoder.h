#pragma once

#include <string>
#include <vector>

#include "aws/eventstream.h"
#include "base/result.h"
#include "llm/chat_events.h"
#include "providers/bedrock/errors.h"

namespace caprock::providers::bedrock {

/// The bytes of a ConverseStream as events, split anywhere. Pure. An end is only what Bedrock sent as one:
/// messageStop and then metadata.
class StreamDecoder {
 public:
  explicit StreamDecoder(CallPlace place) : place_(std::move(place)) {}
  /// Appends the events that became whole. After an error nothing more is to be pushed; what was appended
  /// before it is good. Errors: that of an exception in the stream; kUpstream for a checksum, a length, JSON
  /// or an order of events that are wrong.
  base::Result<void> push(std::string bytes, std::vector<llm::StreamEvent>& out);
  /// Whether the last event has come.
  bool done() const { return done_; }
  /// The body has ended: kUpstream unless done.
  base::Result<void> finish() const;

 private:
  base::Result<void> take(const aws::EventMessage& message, std::vector<llm::StreamEvent>& out);
  base::Result<void> check_order(llm::StreamEvent& event);

  const CallPlace place_;
  aws::EventStreamReader reader_;
  bool stopped_ = false;
  bool done_ = false;
};

}  // namespace caprock::providers::bedrock
