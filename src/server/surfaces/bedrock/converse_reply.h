#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "llm/chat_model.h"

namespace caprock::server::bedrock {

/// The body of a Converse reply. kUpstream for what Converse has no words for.
base::Result<std::string> converse_reply(const llm::ChatReply& reply, std::int64_t measured_latency_ms);

}  // namespace caprock::server::bedrock
