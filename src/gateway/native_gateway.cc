#include "gateway/native_gateway.h"

#include <algorithm>
#include <optional>

#include "gateway/call_meter.h"

namespace caprock::gateway {
namespace {

using base::failure;
using base::Result;
using llm::NativeCall;
using llm::NativeReply;
using Reply = std::unique_ptr<NativeReply>;
using Bytes = Result<std::optional<std::string>>;

/// A reply with its first bytes, and its meter.
class MeteredReply final : public NativeReply {
 public:
  MeteredReply(std::unique_ptr<CallMeter> meter, Reply inner, std::optional<std::string> first)
      : meter_(std::move(meter)),
        inner_(std::move(inner)),
        first_(std::move(first)),
        headers_(inner_->headers()) {
    if (const std::string route = meter_->trace().route(); !route.empty())
      headers_.emplace_back("x-caprock-route", route);
    if (first_) meter_->event();
  }

  int status() const override { return inner_->status(); }
  const llm::NativeHeaders& headers() const override { return headers_; }
  bool is_stream() const override { return inner_->is_stream(); }
  bool between_events() const override { return inner_->between_events(); }
  const base::Error* error() const override { return inner_->error(); }
  const llm::StreamMetadata& metadata() const override { return inner_->metadata(); }

  base::Awaitable<Bytes> read(const base::RequestContext& context) override {
    if (first_) co_return std::exchange(first_, std::nullopt);
    auto bytes = co_await inner_->read(context);
    if (!bytes)
      meter_->end(bytes.error());
    else if (!*bytes)
      finish();
    else
      meter_->event();
    co_return bytes;
  }

 private:
  void finish() {
    const llm::StreamMetadata& found = inner_->metadata();
    meter_->used(found.usage, found.usage_known);
    if (inner_->error() != nullptr) return meter_->end(*inner_->error());
    meter_->end();
  }

  std::unique_ptr<CallMeter> meter_;
  Reply inner_;
  std::optional<std::string> first_;
  llm::NativeHeaders headers_;
};

struct Begun {
  Reply reply;
  std::optional<std::string> first;
};

class NativeAttempt final : public Attempt<Begun> {
 public:
  NativeAttempt(llm::NativeModel& model, const NativeCall& call) : model_(model), call_(call) {}

  base::Awaitable<Result<Begun>> make(const base::RequestContext& context, const Target& target) override {
    refused_.reset();
    if (!model_.is_native(target.id, call_.operation))
      co_return failure(base::not_found("the model takes no native calls").with_field("model"));
    CAPROCK_CO_TRY(Begun begun, co_await ask(context, target.id));
    if (const base::Error* error = begun.reply->error(); error != nullptr) {
      base::Error seen = *error;
      refused_ = std::move(begun);
      co_return failure(std::move(seen));
    }
    co_return std::move(begun);
  }
  /// The last answer, where it was a refusal: the client is to read it in the provider's own words.
  std::optional<Begun>& refused() { return refused_; }

 private:
  base::Awaitable<Result<Begun>> ask(const base::RequestContext& context, const std::string& id) const {
    Begun begun;
    if (id == call_.model || call_.model.empty()) {
      CAPROCK_CO_TRY(begun.reply, co_await model_.call(context, call_));
    } else {
      NativeCall addressed = call_;
      addressed.model = id;
      CAPROCK_CO_TRY(begun.reply, co_await model_.call(context, addressed));
    }
    CAPROCK_CO_TRY(begun.first, co_await begun.reply->read(context));
    co_return std::move(begun);
  }

  llm::NativeModel& model_;
  const NativeCall& call_;
  std::optional<Begun> refused_;
};

base::Awaitable<Result<Begun>> ask(Attempts& attempts, const base::RequestContext& context,
                                   const NativeCall& call, NativeAttempt& attempt, CallTrace& trace) {
  if (call.model.empty()) co_return co_await attempt.make(context, Target{});
  co_return co_await attempts.run<Begun>(
      context,
      {.model = call.model,
       .reach = llm::is_for_any_model(call.operation) ? Reach::kAll : Reach::kSameModel,
       .conversation = {}},
      attempt, trace);
}

}  // namespace

bool NativeGateway::is_native(const std::string& model, llm::NativeOperation operation) const {
  if (model.empty()) return last_.is_native(model, operation);
  const auto plan = attempts_.plan(model);
  if (!plan) return false;
  const auto native = [&](const auto& stop) { return last_.is_native(stop.state->target().id, operation); };
  return llm::is_for_any_model(operation) ? std::ranges::all_of((*plan)->stops, native)
                                          : native((*plan)->stops.front());
}

base::Awaitable<Result<Reply>> NativeGateway::call(const base::RequestContext& context,
                                                   const NativeCall& call) {
  auto meter = std::make_unique<CallMeter>(sink_, attempts_.clock(), context, "bedrock",
                                           llm::name_of(call.operation), call.model);
  NativeAttempt attempt(last_, call);
  auto begun = co_await ask(attempts_, context, call, attempt, meter->trace());
  if (!begun) {
    const base::Error& error = begun.error();
    const bool ended = error.kind == base::ErrorKind::kCancelled;
    if (ended || !attempt.refused()) {
      meter->end(error);
      co_return failure(std::move(begun).error());
    }
    meter->end(error);
    begun = *std::exchange(attempt.refused(), std::nullopt);
  }
  Begun reply = std::move(*begun);
  co_return std::make_unique<MeteredReply>(std::move(meter), std::move(reply.reply), std::move(reply.first));
}

}  // namespace caprock::gateway
