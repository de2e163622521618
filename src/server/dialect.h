#pragma once

#include "server/exchange.h"

namespace caprock::server {

/// Whether a client speaks Anthropic's API: its SDKs always send `anthropic-version`.
bool speaks_anthropic(const Request& request);

/// The dialect in which the errors of a request are told: the route's. Where there is no route, or one that
/// OpenAI's and Anthropic's APIs share (/v1/models), what the client shows that it speaks.
Dialect dialect_of(const Route* route, const Request& request);

}  // namespace caprock::server
