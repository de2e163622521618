#pragma once

#include <string>

#include "llm/chat_model.h"
#include "server/exchange.h"

namespace caprock::server {

/// Which target answers and why, where the gateway chose: "x-caprock-route: bedrock@west/…; reason=throttled;
/// attempts=2".
inline void add_route(Headers& headers, const llm::ChatStream& reply) {
  if (!reply.route().empty()) headers.add("x-caprock-route", std::string(reply.route()));
}

}  // namespace caprock::server
