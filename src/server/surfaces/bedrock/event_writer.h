#pragma once

#include <chrono>
#include <set>
#include <string>

#include "base/result.h"
#include "llm/chat_events.h"

namespace caprock::server::bedrock {

/// Turns the events of a model into the frames of ConverseStream. One a stream; pure.
class EventWriter {
 public:
  /// The frames of one event, appended. `measured_latency_ms`: for the metadata of a provider that says
  /// nothing of it. kUpstream for an event that the stream's order forbids.
  base::Result<void> append(std::string& out, const llm::StreamEvent& event,
                            std::int64_t measured_latency_ms);
  /// Whether the model said that its message has ended. Nobody else may.
  bool stopped() const { return stopped_; }

 private:
  class Visitor;
  bool begun_ = false;
  bool stopped_ = false;
  std::set<std::int32_t> images_;  ///< blocks whose start was sent
};

/// The frame that ends a stream which broke: an exception of ConverseStream's output.
void append_stream_error(std::string& out, const base::Error& error);

}  // namespace caprock::server::bedrock
