#pragma once

#include <optional>
#include <string>

#include "server/exchange.h"
#include "server/http2_flight.h"

namespace caprock::server {

/// The answer to one stream of an HTTP/2 connection. A piece of a stream becomes a frame at once; a write
/// returns when no more than kKeep bytes wait for the client.
class Http2Sink final : public ResponseSink {
 public:
  static constexpr std::size_t kKeep = 32 * 1024UL;

  /// `head`: the request was HEAD, so there is no body whatever the handler writes.
  Http2Sink(Http2Link& link, Http2Flight& flight, bool head) : link_(link), flight_(flight), head_(head) {}

  base::Awaitable<base::Result<void>> start(int status, Headers headers,
                                            std::optional<std::uint64_t> content_length) override;
  base::Awaitable<base::Result<void>> write(std::string bytes) override;
  base::Awaitable<base::Result<void>> finish() override;
  bool started() const override { return flight_.answer_begun; }

  /// The whole answer is on its way.
  bool complete() const { return flight_.answer_sent; }

 private:
  void push();

  Http2Link& link_;
  Http2Flight& flight_;
  bool head_;
  bool bodyless_ = false;
  std::optional<std::uint64_t> left_;  ///< of the announced length
};

}  // namespace caprock::server
