#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/exchange.h"
#include "server/surfaces/openai/openai_routes.h"
#include "server/surfaces/openai/stream_renderer.h"

namespace caprock::server::openai {

/// Names the members that nobody knows: not refused, for SDKs grow new ones, but the caller can see that they
/// did nothing.
Headers ignored_header(const std::vector<std::string>& fields);

/// Asks the model and passes its reply on as an event stream. What fails before the first event is still an
/// answer with a status; what fails later ends the stream as the renderer tells it.
base::Awaitable<base::Result<void>> tell(const OpenAiParts& parts, Exchange& x, llm::ChatRequest request,
                                         Headers headers, StreamRenderer& renderer);

}  // namespace caprock::server::openai
