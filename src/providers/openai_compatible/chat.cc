#include "providers/openai_compatible/chat.h"

#include <deque>
#include <optional>
#include <utility>

#include "providers/openai_compatible/request_codec.h"
#include "providers/openai_compatible/stream_codec.h"

namespace caprock::providers::openai {

using base::failure;
using base::Result;
using Next = Result<std::optional<llm::StreamEvent>>;

namespace {

constexpr std::chrono::seconds kTimeToEnd{1};

/// Events that are all there.
class WholeReply final : public llm::ChatStream {
 public:
  explicit WholeReply(std::vector<llm::StreamEvent> events)
      : events_(std::make_move_iterator(events.begin()), std::make_move_iterator(events.end())) {}
  base::Awaitable<Next> next() override {
    if (events_.empty()) co_return std::nullopt;
    std::optional<llm::StreamEvent> event(std::move(events_.front()));
    events_.pop_front();
    co_return event;
  }

 private:
  std::deque<llm::StreamEvent> events_;
};

/// Events as their bytes come.
class ReplyStream final : public llm::ChatStream {
 public:
  ReplyStream(std::shared_ptr<const Server> server, base::RequestContext context, std::string model,
              std::unique_ptr<net::HttpResponse> response)
      : server_(std::move(server)),
        context_(std::move(context)),
        decoder_(server_->dialect(), std::move(model)),
        response_(std::move(response)) {}

  base::Awaitable<Next> next() override {
    while (at_ == events_.size()) {
      if (failed_) co_return failure(*std::exchange(failed_, std::nullopt));
      if (response_ == nullptr) co_return std::nullopt;
      if (decoder_.done()) {
        co_await read_to_end();
        co_return std::nullopt;
      }
      co_await read_more();
    }
    co_return std::optional<llm::StreamEvent>(std::move(events_[at_++]));
  }

 private:
  base::Awaitable<void> read_more() {
    events_.clear();
    at_ = 0;
    auto bytes = co_await server_->read(context_, *response_);
    Result<void> read;
    if (!bytes)
      read = failure(std::move(bytes).error());
    else
      read = *bytes ? decoder_.push(**bytes, events_) : decoder_.finish();
    if (read) co_return;
    // The events before the fault are good and go out first.
    failed_ = std::move(read).error();
    response_.reset();
  }

  // Only a connection whose answer was read to its end serves again. The end follows [DONE] at once, if ever.
  base::Awaitable<void> read_to_end() {
    base::RequestContext hurried = context_;
    hurried.deadline =
        base::Deadline(std::min(context_.deadline.at(), base::Deadline::after(kTimeToEnd).at()));
    while (true) {
      auto bytes = co_await response_->read(hurried);
      if (!bytes || !*bytes) break;
    }
    response_.reset();
  }

  std::shared_ptr<const Server> server_;
  const base::RequestContext context_;
  StreamDecoder decoder_;
  std::unique_ptr<net::HttpResponse> response_;
  std::vector<llm::StreamEvent> events_;
  std::size_t at_ = 0;
  std::optional<base::Error> failed_;
};

}  // namespace

base::Awaitable<Result<std::unique_ptr<llm::ChatStream>>> Chat::converse(const base::RequestContext& context,
                                                                         llm::ChatRequest request) {
  const bool streamed = request.stream;
  std::string model = std::move(request.model);
  CAPROCK_CO_TRY(auto body, encode_request(server_->dialect(), model, request));
  CAPROCK_CO_TRY(auto response, co_await server_->post(context, "/chat/completions", std::move(body), model));
  std::unique_ptr<llm::ChatStream> stream;
  if (streamed) {
    stream = std::make_unique<ReplyStream>(server_, context, std::move(model), std::move(response));
  } else {
    CAPROCK_CO_TRY(auto text, co_await server_->read_all(context, *response));
    CAPROCK_CO_TRY(auto events, decode_reply(server_->dialect(), model, text));
    stream = std::make_unique<WholeReply>(std::move(events));
  }
  co_return stream;
}

}  // namespace caprock::providers::openai
