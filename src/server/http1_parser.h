#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "server/exchange.h"

namespace caprock::server {

/// Bytes of an HTTP/1.1 connection into one request after the other (RFC 9112). No I/O: it is handed bytes.
/// What two servers in a row could read differently is refused: several or conflicting lengths, transfer
/// codings other than chunked, several Host headers.
class Http1Parser {
 public:
  struct Limits {
    std::size_t header = 64 * 1024UL;
    std::size_t target = 16 * 1024UL;
    std::size_t fields = 200;
  };
  explicit Http1Parser(Limits limits);
  ~Http1Parser();

  /// Makes ready for the next request.
  void reset();
  /// Takes bytes of the head, and then of the body, and says how many; 0: it needs more at once (the whole
  /// head has to be there). Stops behind the head and behind the request. Errors: kInvalidArgument,
  /// kHeadersTooLarge, kNotImplemented; the connection is of no use after one.
  base::Result<std::size_t> put(std::string_view bytes);

  bool head_done() const;
  bool done() const;  ///< the body, too, has been parsed
  /// The request without body, peer and (but for an absolute target) scheme. Once, after head_done().
  Request take_head();
  bool keep_alive() const;
  bool is_http10() const;
  bool expects_continue() const;
  /// Body bytes still to come; nothing when chunked.
  std::optional<std::uint64_t> body_left() const;
  bool has_body_bytes() const;
  std::string take_body_bytes();

 private:
  class Impl;
  Limits limits_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace caprock::server
