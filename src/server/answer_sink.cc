#include "server/answer_sink.h"

namespace caprock::server {

// These hand the door's own coroutine on: no frame of ours for each call.
base::Awaitable<base::Result<void>> AnswerSink::start(int status, Headers headers,
                                                      std::optional<std::uint64_t> content_length) {
  status_ = status;
  for (const auto& [name, value] : extra_.items()) headers.set(name, value);
  return door_.start(status, std::move(headers), content_length);
}

base::Awaitable<base::Result<void>> AnswerSink::write(std::string bytes) {
  if (drop_body_) bytes.clear();
  bytes_ += bytes.size();
  return door_.write(std::move(bytes));
}

base::Awaitable<base::Result<void>> AnswerSink::finish() {
  finished_ = true;
  return door_.finish();
}

}  // namespace caprock::server
