#include "gateway/chat_gateway.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <ranges>
#include <utility>

namespace caprock::gateway {
namespace {

using Next = base::Result<std::optional<llm::StreamEvent>>;

/// Everything that one call holds until its end.
struct Held {
  std::unique_ptr<CallMeter> meter;  // outlives the streams of the stages, which may hold its trace
  std::unique_ptr<Leash> leash;      ///< null: a reply is aborted when its reader goes
  std::unique_ptr<llm::ChatStream> stream = {};
  bool stopped = false;  ///< MessageStop has come
};

void note(Held& held, const llm::StreamEvent& event) {
  held.meter->event();
  if (const auto* start = std::get_if<llm::MessageStart>(&event)) {
    if (start->usage) held.meter->used(*start->usage, false);
  } else if (const auto* end = std::get_if<llm::StreamMetadata>(&event)) {
    if (end->usage_known) held.meter->used(end->usage, true);
    // Readers of a whole reply do not come back for the nothing that follows.
    if (held.stopped) held.meter->end();
  } else if (std::holds_alternative<llm::MessageStop>(event)) {
    held.stopped = true;
  }
}

void finish(Held& held) {
  if (held.stopped) return held.meter->end();
  held.meter->end(base::Error(base::ErrorKind::kUpstream, "the reply ended before its end")
                      .with_cause(base::ErrorCause::kBrokenOff));
}

base::Awaitable<Next> pull(Held& held) {
  auto event = co_await held.stream->next();
  if (!event)
    held.meter->end(event.error());
  else if (!*event)
    finish(held);
  else
    note(held, **event);
  co_return event;
}

/// Reads on for nobody, within the limits of the leash.
base::Awaitable<void> drain(Held held) {
  held.leash->begin();
  held.meter->reader_gone();
  while (!held.leash->token().stop_requested()) {
    const auto event = co_await pull(held);
    if (!event || !*event) break;
    held.leash->count(**event);
  }
}

/// A reply with its meter: whatever becomes of it, the record is made.
class MeteredStream final : public llm::ChatStream {
 public:
  explicit MeteredStream(Held held) : held_(std::move(held)), route_(held_.meter->trace().route()) {}
  MeteredStream(const MeteredStream&) = delete;
  MeteredStream& operator=(const MeteredStream&) = delete;
  ~MeteredStream() override {
    if (!held_.leash || held_.meter->ended()) return;
    const auto executor = held_.leash->executor();
    boost::asio::co_spawn(executor, drain(std::move(held_)), boost::asio::detached);
  }

  std::string_view route() const override { return route_; }

  base::Awaitable<Next> next() override {
    // Who notices here that its reader has gone need not be told any more of the reply.
    if (held_.leash && held_.leash->reader_gone() && !held_.meter->ended())
      co_return base::failure(base::Error(base::ErrorKind::kCancelled, "the request was cancelled"));
    co_return co_await pull(held_);
  }

 private:
  Held held_;
  const std::string route_;
};

/// After the last stage, which asks nobody.
class Nobody final : public ChatNext {
 public:
  base::Awaitable<ChatResult> converse(const base::RequestContext&, llm::ChatRequest, CallTrace&) override {
    co_return base::failure(base::internal_error("the last stage of the gateway asked for another"));
  }
};

ChatNext& nobody() {
  static Nobody one;
  return one;
}

}  // namespace

// A stage with what comes after it.
class ChatGateway::Link final : public ChatNext {
 public:
  Link(std::unique_ptr<ChatStage> stage, ChatNext& next) : stage_(std::move(stage)), next_(next) {}
  base::Awaitable<ChatResult> converse(const base::RequestContext& context, llm::ChatRequest request,
                                       CallTrace& trace) override {
    return stage_->converse(context, std::move(request), trace, next_);
  }

 private:
  std::unique_ptr<ChatStage> stage_;
  ChatNext& next_;
};

ChatGateway::ChatGateway(std::vector<std::unique_ptr<ChatStage>> stages, Parts parts)
    : parts_(std::move(parts)), first_(&nobody()) {
  for (auto& stage : stages | std::views::reverse) {
    links_.push_back(std::make_unique<Link>(std::move(stage), *first_));
    first_ = links_.back().get();
  }
}

ChatGateway::~ChatGateway() = default;

base::Awaitable<ChatResult> ChatGateway::converse(const base::RequestContext& context,
                                                  llm::ChatRequest request, std::string_view surface) {
  Held held{.meter = std::make_unique<CallMeter>(parts_.sink, parts_.clock, context, surface, "chat",
                                                 request.model)};
  if (auto alive = context.check(); !alive) {
    held.meter->end(alive.error());
    co_return base::failure(std::move(alive).error());
  }
  ChatResult stream;
  if (parts_.drain) {
    held.leash =
        std::make_unique<Leash>(context.cancelled, *parts_.drain, co_await boost::asio::this_coro::executor);
    held.meter->trace().reader = context.cancelled;
    base::RequestContext kept = context;
    kept.cancelled = held.leash->token();
    stream = co_await first_->converse(kept, std::move(request), held.meter->trace());
  } else {
    stream = co_await first_->converse(context, std::move(request), held.meter->trace());
  }
  if (!stream) {
    held.meter->end(stream.error());
    co_return base::failure(std::move(stream).error());
  }
  held.stream = std::move(*stream);
  co_return std::make_unique<MeteredStream>(std::move(held));
}

}  // namespace caprock::gateway
