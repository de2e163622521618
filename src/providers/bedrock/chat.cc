#include "providers/bedrock/chat.h"

#include <algorithm>
#include <chrono>
#include <deque>

#include "providers/bedrock/converse_reply.h"
#include "providers/bedrock/converse_request.h"
#include "providers/bedrock/invoke/invoke_decoder.h"
#include "providers/bedrock/invoke/invoke_headers.h"
#include "providers/bedrock/stream_decoder.h"

namespace caprock::providers::bedrock {

using base::failure;
using base::Result;
using Next = Result<std::optional<llm::StreamEvent>>;

namespace {

constexpr std::chrono::seconds kTimeToEnd{1};

void hide_own_fields(std::vector<llm::StreamEvent>& events) {
  for (llm::StreamEvent& event : events)
    if (auto* stop = std::get_if<llm::MessageStop>(&event)) stop->additional_fields_json.clear();
}

class WholeReply final : public llm::ChatStream {
 public:
  explicit WholeReply(std::vector<llm::StreamEvent> events) : events_(std::move(events)) {}
  base::Awaitable<Next> next() override {
    if (at_ == events_.size()) co_return std::nullopt;
    co_return std::optional<llm::StreamEvent>(std::move(events_[at_++]));
  }

 private:
  std::vector<llm::StreamEvent> events_;
  std::size_t at_ = 0;
};

/// Events as their bytes come. Bytes are read only when every event of the earlier ones was taken.
class ReplyStream final : public llm::ChatStream {
 public:
  ReplyStream(std::shared_ptr<Caller> caller, base::RequestContext context, Answer answer,
              std::unique_ptr<ReplyDecoder> decoder, bool own_fields)
      : caller_(std::move(caller)),
        context_(std::move(context)),
        answer_(std::move(answer)),
        own_fields_(own_fields),
        decoder_(std::move(decoder)) {}

  base::Awaitable<Next> next() override {
    while (at_ == events_.size()) {
      if (failed_) co_return failure(*std::exchange(failed_, std::nullopt));
      if (answer_.response == nullptr) co_return std::nullopt;
      if (decoder_->done()) {
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
    auto bytes = co_await caller_->read(context_, answer_);
    Result<void> read;
    if (!bytes)
      read = failure(std::move(bytes).error());
    else
      read = *bytes ? decoder_->push(std::move(**bytes), events_) : decoder_->finish(events_);
    if (own_fields_) hide_own_fields(events_);
    if (read) co_return;
    // The events before the fault are good and go out first.
    failed_ = std::move(read).error();
    answer_.response.reset();
  }

  // Only a connection whose answer was read to its end serves again. The end follows metadata at once, if
  // ever.
  base::Awaitable<void> read_to_end() {
    base::RequestContext hurried = context_;
    hurried.deadline =
        base::Deadline(std::min(context_.deadline.at(), base::Deadline::after(kTimeToEnd).at()));
    while (true) {
      auto bytes = co_await answer_.response->read(hurried);
      if (!bytes || !*bytes) break;
    }
    answer_.response.reset();
  }

  std::shared_ptr<Caller> caller_;
  const base::RequestContext context_;
  Answer answer_;
  const bool own_fields_;
  const std::unique_ptr<ReplyDecoder> decoder_;
  std::vector<llm::StreamEvent> events_;
  std::size_t at_ = 0;
  std::optional<base::Error> failed_;
};

Result<std::vector<llm::StreamEvent>> whole(const Answer& answer, std::string_view body) {
  auto events = read_reply(body);
  if (!events) return failure(broken_answer(answer.place, std::move(events).error().detail));
  auto& metadata = std::get<llm::StreamMetadata>(events->back());
  if (metadata.model.empty()) metadata.model = answer.place.model;
  metadata.id = answer.place.request_id;
  return events;
}

}  // namespace

BedrockChatModel::Stream BedrockChatModel::converse(const base::RequestContext& context,
                                                    llm::ChatRequest request) {
  if (const invoke::Codec* codec = apis_->codec_for(request.model))
    co_return co_await by_invoke(context, request, *codec);
  auto stream = co_await by_converse(context, request);
  if (stream) co_return std::move(stream);
  const invoke::Codec* codec = apis_->codec_after(request.model, stream.error());
  if (codec == nullptr) co_return std::move(stream);
  co_return co_await by_invoke(context, request, *codec);
}

BedrockChatModel::Stream BedrockChatModel::by_converse(const base::RequestContext& context,
                                                       const llm::ChatRequest& request) {
  CAPROCK_CO_TRY(auto body, converse_body(request));
  const bool streamed = request.stream;
  const bool own_fields = asks_which_stop_sequence(request);
  Call call;
  call.path = model_path(request.model, streamed ? "converse-stream" : "converse");
  call.body = std::move(body);
  call.model = request.model;
  if (streamed) call.accept = "application/vnd.amazon.eventstream";
  CAPROCK_CO_TRY(auto answer, co_await caller_->send(context, std::move(call)));
  std::unique_ptr<llm::ChatStream> stream;
  if (streamed) {
    auto decoder = std::make_unique<StreamDecoder>(answer.place);
    stream =
        std::make_unique<ReplyStream>(caller_, context, std::move(answer), std::move(decoder), own_fields);
  } else {
    CAPROCK_CO_TRY(auto text, co_await caller_->read_all(context, answer));
    CAPROCK_CO_TRY(auto events, whole(answer, text));
    if (own_fields) hide_own_fields(events);
    stream = std::make_unique<WholeReply>(std::move(events));
  }
  co_return stream;
}

BedrockChatModel::Stream BedrockChatModel::by_invoke(const base::RequestContext& context,
                                                     const llm::ChatRequest& request,
                                                     const invoke::Codec& codec) {
  CAPROCK_CO_TRY(auto body, codec.body(request));
  CAPROCK_CO_TRY(auto headers, invoke::invoke_headers(request, codec.user_in_body));
  // A model that the service does not stream gives its one reply as one burst.
  const bool streamed = request.stream && codec.streams;
  const bool tell_sequence = !request.additional_response_fields.empty();
  Call call;
  call.path = model_path(request.model, streamed ? "invoke-with-response-stream" : "invoke");
  call.body = std::move(body);
  call.model = request.model;
  call.headers = std::move(headers);
  if (streamed) {
    call.accept = "application/vnd.amazon.eventstream";
    call.headers.emplace_back("X-Amzn-Bedrock-Accept", "application/json");
  }
  CAPROCK_CO_TRY(auto answer, co_await caller_->send(context, std::move(call)));
  std::unique_ptr<llm::ChatStream> stream;
  if (streamed) {
    auto decoder = std::make_unique<invoke::InvokeDecoder>(answer.place, codec, tell_sequence);
    stream = std::make_unique<ReplyStream>(caller_, context, std::move(answer), std::move(decoder), false);
  } else {
    CAPROCK_CO_TRY(auto text, co_await caller_->read_all(context, answer));
    CAPROCK_CO_TRY(auto events, invoke::read_invoked(answer.place, codec, tell_sequence, text,
                                                     answer.response->headers()));
    stream = std::make_unique<WholeReply>(std::move(events));
  }
  co_return stream;
}

}  // namespace caprock::providers::bedrock
