#pragma once

#include <functional>
#include <optional>
#include <string>

#include "server/exchange.h"
#include "server/http1_writer.h"
#include "server/wire.h"

namespace caprock::server {

/// The answer to one request on an HTTP/1.1 connection. An answer of known length leaves in few large writes;
/// one that streams leaves piece by piece as it comes.
class Http1Sink final : public ResponseSink {
 public:
  struct Shape {
    bool head = false;  ///< the request was HEAD: no body whatever the handler writes
    bool http10 = false;
    bool keep_alive = false;  ///< the client would send more requests
    /// Asked when the answer starts, for its head must say so: the connection cannot go on after it.
    std::function<bool()> must_close;
  };
  Http1Sink(Wire& wire, Shape shape) : wire_(wire), shape_(std::move(shape)) {}

  base::Awaitable<base::Result<void>> start(int status, Headers headers,
                                            std::optional<std::uint64_t> content_length) override;
  base::Awaitable<base::Result<void>> write(std::string bytes) override;
  base::Awaitable<base::Result<void>> finish() override;
  bool started() const override { return started_; }

  /// The whole answer is on its way.
  bool complete() const { return complete_; }
  bool keeps_alive() const { return complete_ && shape_.keep_alive; }

 private:
  base::Awaitable<base::Result<void>> flush(std::string_view more = {});

  Wire& wire_;
  Shape shape_;
  bool started_ = false;
  bool complete_ = false;
  bool bodyless_ = false;
  bool chunked_ = false;
  std::optional<std::uint64_t> left_;  ///< of the announced length
  std::string pending_;
};

}  // namespace caprock::server
