#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "llm/chat_events.h"
#include "net/sse_parser.h"
#include "providers/openai_compatible/delta_decoder.h"
#include "providers/openai_compatible/dialect.h"

namespace caprock::providers::openai {

/// Bytes of a streamed chat completion → events of `llm::`. Pure. The reply is whole when a finish_reason and
/// then [DONE] have come; MessageStop and StreamMetadata are given only then, so that no reader can take a
/// broken stream for a finished one. https://platform.openai.com/docs/api-reference/chat-streaming
class StreamDecoder {
 public:
  /// `dialect` must outlive it; `model` is for messages.
  StreamDecoder(const Dialect& dialect, std::string model);

  /// Appends the events that `bytes` completed, also those before a fault. kUpstream for what the protocol
  /// does not allow; the errors that the server reports, mapped. After an error it is of no use.
  base::Result<void> push(std::string_view bytes, std::vector<llm::StreamEvent>& out);
  /// [DONE] has come: nothing follows.
  bool done() const { return done_; }
  /// To be asked when the bytes end: kUpstream unless the reply is whole.
  base::Result<void> finish() const;

 private:
  using Events = std::vector<llm::StreamEvent>;
  base::Result<void> take(const net::SseEvent& event, Events& out);
  base::Result<void> take_chunk(const boost::json::object& chunk, Events& out);
  base::Result<void> take_choice(const boost::json::object& choice, Events& out);
  base::Result<void> take_done(Events& out);
  base::Error broken(std::string detail) const;

  const Dialect& dialect_;
  const std::string model_;
  net::SseParser sse_;
  DeltaDecoder deltas_;
  bool started_ = false;
  bool done_ = false;
  std::optional<llm::MessageStop> stop_;
  llm::StreamMetadata metadata_;
};

/// A whole chat completion as the events that its stream would have had. Errors as above.
base::Result<std::vector<llm::StreamEvent>> decode_reply(const Dialect& dialect, const std::string& model,
                                                         std::string_view body);

}  // namespace caprock::providers::openai
