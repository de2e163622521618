#pragma once

#include <cstdint>
#include <string>

#include "server/exchange.h"

namespace caprock::server {

/// What stands between a handler and its door: adds the headers that every answer has, drops the body of an
/// answer to HEAD, and remembers what was sent, for the log.
class AnswerSink final : public ResponseSink {
 public:
  explicit AnswerSink(ResponseSink& door) : door_(door) {}

  void add_header(std::string name, std::string value) { extra_.add(std::move(name), std::move(value)); }
  void drop_body() { drop_body_ = true; }

  base::Awaitable<base::Result<void>> start(int status, Headers headers,
                                            std::optional<std::uint64_t> content_length) override;
  base::Awaitable<base::Result<void>> write(std::string bytes) override;
  base::Awaitable<base::Result<void>> finish() override;
  bool started() const override { return status_ != 0; }

  bool finished() const { return finished_; }
  int status() const { return status_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  ResponseSink& door_;
  Headers extra_;
  bool drop_body_ = false;
  bool finished_ = false;
  int status_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace caprock::server
