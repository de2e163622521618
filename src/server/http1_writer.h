#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "server/exchange.h"

namespace caprock::server {

/// How the end of an answer is marked.
struct Http1Framing {
  std::optional<std::uint64_t> content_length;
  bool chunked = false;     ///< without a length, to HTTP/1.1; else the end of the connection ends the body
  bool close = false;       ///< the connection ends with this answer
  bool keep_alive = false;  ///< HTTP/1.0 asked for it and gets it
};

/// Appends the status line and headers (RFC 9112 §4, 5). The fields that frame the message are ours: those in
/// `headers` are left out. Line breaks in values become blanks.
void append_head(std::string& out, int status, const Headers& headers, const Http1Framing& framing,
                 std::string_view date);
/// Appends `bytes` (not empty, for that would end the body) as one chunk.
void append_chunk(std::string& out, std::string_view bytes);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

std::string_view reason_phrase(int status);
/// "Sun, 06 Nov 1994 08:49:37 GMT"
std::string http_date(base::WallTime at);
/// http_date of now, made once a second and thread.
std::string_view http_date_now();

}  // namespace caprock::server
