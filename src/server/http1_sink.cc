#include "server/http1_sink.h"

namespace caprock::server {
namespace {

// What gathers before it is sent, when the length is known; larger pieces are sent from where they are.
constexpr std::size_t kGather = 16 * 1024UL;

base::Error client_gone() { return {base::ErrorKind::kCancelled, "the client has gone"}; }

bool has_no_body(int status) { return status / 100 == 1 || status == 204 || status == 304; }

}  // namespace

base::Awaitable<base::Result<void>> Http1Sink::flush(std::string_view more) {
  const bool sent = co_await wire_.send(pending_, more);
  pending_.clear();
  if (!sent) co_return base::failure(client_gone());
  co_return base::Result<void>{};
}

base::Awaitable<base::Result<void>> Http1Sink::start(int status, Headers headers,
                                                     std::optional<std::uint64_t> content_length) {
  if (started_) co_return base::failure(base::internal_error("an answer was started twice"));
  started_ = true;
  if (shape_.must_close && shape_.must_close()) shape_.keep_alive = false;
  bodyless_ = shape_.head || has_no_body(status);
  const bool streamed = !content_length && !has_no_body(status);
  chunked_ = streamed && !shape_.http10;
  if (streamed && shape_.http10) shape_.keep_alive = false;
  left_ = content_length;
  const Http1Framing framing{
      .content_length = has_no_body(status) ? std::nullopt : content_length,
      .chunked = chunked_,
      .close = !shape_.keep_alive,
      .keep_alive = shape_.http10 && shape_.keep_alive,
  };
  append_head(pending_, status, headers, framing, http_date_now());
  // The reader of a stream should see at once that it has begun.
  if (streamed) co_return co_await flush();
  co_return base::Result<void>{};
}

base::Awaitable<base::Result<void>> Http1Sink::write(std::string bytes) {
  if (wire_.broken()) co_return base::failure(client_gone());
  if (bodyless_ || bytes.empty()) co_return base::Result<void>{};
  if (!left_) {
    if (chunked_)
      append_chunk(pending_, bytes);
    else
      pending_ += bytes;
    co_return co_await flush();
  }
  if (bytes.size() > *left_)
    co_return base::failure(base::internal_error("an answer is longer than announced"));
  *left_ -= bytes.size();
  if (pending_.size() + bytes.size() > kGather) co_return co_await flush(bytes);
  pending_ += bytes;
  co_return base::Result<void>{};
}

base::Awaitable<base::Result<void>> Http1Sink::finish() {
  if (complete_) co_return base::Result<void>{};
  if (!bodyless_ && left_.value_or(0) > 0)
    co_return base::failure(base::internal_error("an answer is shorter than announced"));
  if (chunked_ && !bodyless_) pending_ += kLastChunk;
  auto flushed = co_await flush();
  complete_ = flushed.has_value();
  co_return flushed;
}

}  // namespace caprock::server
