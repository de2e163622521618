#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace caprock::server::rest {

/// One event of a text/event-stream (WHATWG HTML §9.2). `data` is JSON text: it holds no line ends.
std::string sse_event(std::string_view name, std::uint64_t id, std::string_view data);
/// A comment, which keeps connections alive and means nothing.
inline constexpr std::string_view kSseHeartbeat = ": heartbeat\n\n";

}  // namespace caprock::server::rest
