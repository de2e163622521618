#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http_client.h"

namespace caprock::net {

struct ResponseHead {
  int status = 0;
  HttpHeaders headers;
};

/// One answer on an HTTP/1.1 connection (RFC 9112), parsed as its bytes come. Does no I/O and keeps no bytes:
/// what is not taken must be offered again, with more behind it. One thread at a time. Errors: kUpstream for
/// what is not HTTP, or would be read differently by others; kPayloadTooLarge. After one nothing more may be
/// offered.
class Http1Response {
 public:
  struct Limits {
    std::size_t head = 64UL << 10;
    std::uint64_t body = 64ULL << 20;
  };

  /// Forgets the last answer. `to_head`: HEAD was asked, so there is no body whatever the head says.
  void begin(bool to_head, Limits limits);

  /// Takes the head, interim ones (100, 103) left out, when all of it is in `input`: how many bytes were
  /// taken, 0 for more to come.
  base::Result<std::size_t> put_head(std::string_view input);
  bool head_done() const { return state_ != State::kHead; }
  ResponseHead take_head() { return std::move(head_); }

  /// Takes all there is of the body and appends its bytes to `out`: how many bytes of `input` were taken.
  base::Result<std::size_t> put_body(std::string_view input, std::string& out);
  bool done() const { return state_ == State::kDone; }

  /// The connection has ended: good for a body that only that ends, else kUpstream.
  base::Result<void> end();
  /// After done(): another request may follow on the connection.
  bool keeps_alive() const { return keep_alive_; }

 private:
  enum class State : std::uint8_t { kHead, kLength, kToEnd, kChunkSize, kChunk, kChunkEnd, kTrailer, kDone };

  base::Result<void> read_head(std::string_view lines);
  base::Result<void> read_status(std::string_view line);
  base::Result<void> read_field(std::string_view line);
  base::Result<void> frame_body();
  base::Result<void> note_length(std::string_view value);
  base::Result<void> count(std::uint64_t bytes);
  base::Result<std::size_t> put_chunk_size(std::string_view input);
  base::Result<std::size_t> put_trailer(std::string_view input);

  Limits limits_;
  ResponseHead head_;
  State state_ = State::kHead;
  bool to_head_ = false;
  bool keep_alive_ = false;
  bool http10_ = false;
  bool chunked_ = false;
  bool has_length_ = false;
  bool says_close_ = false;
  bool says_keep_alive_ = false;
  std::uint64_t left_ = 0;         ///< of the body, or of the chunk
  std::uint64_t body_so_far_ = 0;  ///< against the limit
  std::size_t trailer_so_far_ = 0;
};

}  // namespace caprock::net
