#include "server/http2_sink.h"

namespace caprock::server {
namespace {

// What gathers before it becomes frames, when the length is known.
constexpr std::size_t kGather = 16 * 1024UL;

base::Error client_gone() { return {base::ErrorKind::kCancelled, "the client has gone"}; }

bool has_no_body(int status) { return status / 100 == 1 || status == 204 || status == 304; }

}  // namespace

void Http2Sink::push() {
  link_.session().resume(flight_);
  link_.push();
}

base::Awaitable<base::Result<void>> Http2Sink::start(int status, Headers headers,
                                                     std::optional<std::uint64_t> content_length) {
  if (flight_.answer_begun) co_return base::failure(base::internal_error("an answer was started twice"));
  flight_.answer_begun = true;
  bodyless_ = head_ || has_no_body(status) || content_length == 0U;
  left_ = content_length;
  flight_.answer_ended = bodyless_;
  link_.session().respond(flight_, status, headers, has_no_body(status) ? std::nullopt : content_length,
                          !bodyless_);
  // The reader of a stream should see at once that it has begun.
  if (bodyless_ || !content_length) link_.push();
  co_return base::Result<void>{};
}

base::Awaitable<base::Result<void>> Http2Sink::write(std::string bytes) {
  if (flight_.closed) co_return base::failure(client_gone());
  if (head_ || bytes.empty() || (bodyless_ && !left_)) co_return base::Result<void>{};
  if (left_) {
    if (bytes.size() > *left_)
      co_return base::failure(base::internal_error("an answer is longer than announced"));
    *left_ -= bytes.size();
    flight_.answer_ended = *left_ == 0;  // the last bytes carry the end of the stream
  }
  flight_.forget_sent();
  if (flight_.pending.empty())
    flight_.pending = std::move(bytes);
  else
    flight_.pending += bytes;
  if (left_ && *left_ > 0 && flight_.unsent() < kGather) co_return base::Result<void>{};
  push();
  while (flight_.unsent() > kKeep && !flight_.closed) co_await flight_.writable.wait();
  if (flight_.closed && !flight_.answer_sent) co_return base::failure(client_gone());
  co_return base::Result<void>{};
}

base::Awaitable<base::Result<void>> Http2Sink::finish() {
  if (!bodyless_ && left_.value_or(0) > 0)
    co_return base::failure(base::internal_error("an answer is shorter than announced"));
  if (!flight_.answer_ended) {
    flight_.answer_ended = true;
    push();
  }
  while (!flight_.answer_sent && !flight_.closed) co_await flight_.writable.wait();
  if (!flight_.answer_sent) co_return base::failure(client_gone());
  co_return base::Result<void>{};
}

}  // namespace caprock::server
