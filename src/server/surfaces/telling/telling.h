#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "llm/chat_model.h"
#include "server/exchange.h"
#include "server/surfaces/telling/stream_renderer.h"

namespace caprock::server {

/// Names the members that nobody knows: not refused, for SDKs grow new ones, but the caller can see that they
/// did nothing. Paths that a header cannot hold are left out.
Headers ignored_header(const std::vector<std::string>& fields);

/// How a stream is told, besides its events.
struct Telling {
  Headers headers = {};
  std::chrono::milliseconds heartbeat{15'000};
  std::string pulse = ": heartbeat\n\n";  ///< a whole event or comment
};

/// Asks the model and passes its reply on as an event stream, each event when it comes. What fails before the
/// first event is still an answer with a status; what fails later ends the stream as the renderer tells it.
/// The reader's pace is the model's, and a reader that goes aborts the model.
base::Awaitable<base::Result<void>> tell(llm::ChatModel& chat, Exchange& x, llm::ChatRequest request,
                                         Telling how, StreamRenderer& renderer);

}  // namespace caprock::server
