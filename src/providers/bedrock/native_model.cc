#include "providers/bedrock/native_model.h"

#include <fmt/format.h>

#include <utility>

#include "providers/bedrock/native_meter.h"

namespace caprock::providers::bedrock {

using base::failure;
using base::Result;
using llm::NativeCall;
using llm::NativeOperation;

namespace {

constexpr std::size_t kLargestHeld = 64U << 10;

/// Method, service and path of a call. https://docs.aws.amazon.com/bedrock/latest/APIReference/
Call address(const NativeCall& call) {
  Call to;
  const auto label = [&](std::size_t n) {
    return aws::uri_encode(n < call.labels.size() ? call.labels[n] : "");
  };
  switch (call.operation) {
    case NativeOperation::kConverse:
      to.path = model_path(call.model, "converse");
      break;
    case NativeOperation::kConverseStream:
      to.path = model_path(call.model, "converse-stream");
      break;
    case NativeOperation::kInvoke:
      to.path = model_path(call.model, "invoke");
      break;
    case NativeOperation::kInvokeStream:
      to.path = model_path(call.model, "invoke-with-response-stream");
      break;
    case NativeOperation::kCountTokens:
      to.path = model_path(call.model, "count-tokens");
      break;
    case NativeOperation::kApplyGuardrail:
      to.path = fmt::format("/guardrail/{}/version/{}/apply", label(0), label(1));
      break;
    case NativeOperation::kRerank:
      to.service = aws::Service::kBedrockAgentRuntime;
      to.path = "/rerank";
      break;
    case NativeOperation::kStartAsyncInvoke:
      to.path = "/async-invoke";
      break;
    case NativeOperation::kGetAsyncInvoke:
      to.method = "GET";
      to.path = fmt::format("/async-invoke/{}", label(0));
      break;
    case NativeOperation::kListAsyncInvokes:
      to.method = "GET";
      to.path = "/async-invoke";
      break;
  }
  if (!call.query.empty()) to.path += "?" + call.query;
  return to;
}

class PassedReply final : public llm::NativeReply {
 public:
  PassedReply(std::shared_ptr<Caller> caller, Answer answer, NativeOperation operation)
      : caller_(std::move(caller)),
        answer_(std::move(answer)),
        meter_(operation, answer_.place, answer_.response->status(), answer_.response->headers()) {}

  /// What the answer's error is; its body was read for it.
  void refuse(base::Error error, std::string body) {
    refused_ = std::move(error);
    held_ = std::move(body);
  }

  int status() const override { return answer_.response->status(); }
  const llm::NativeHeaders& headers() const override { return answer_.response->headers(); }
  bool is_stream() const override { return meter_.is_stream(); }
  bool between_events() const override { return !torn_; }
  const base::Error* error() const override {
    if (refused_) return &*refused_;
    return meter_.error() ? &*meter_.error() : nullptr;
  }
  const llm::StreamMetadata& metadata() const override { return meter_.metadata(); }

  base::Awaitable<Result<std::optional<std::string>>> read(const base::RequestContext& context) override {
    if (!held_.empty()) co_return std::exchange(held_, {});
    while (!ended_) {
      // What stood before the damage has gone on.
      ended_ = meter_.is_damaged();
      if (ended_) co_return failure(meter_.finish().error());
      auto bytes = co_await caller_->read(context, answer_);
      ended_ = !bytes || !*bytes;
      if (!bytes) co_return failure(std::move(bytes).error());
      if (!*bytes) {
        CAPROCK_CO_CHECK(meter_.finish());
        break;
      }
      meter_.push(**bytes);
      if (!meter_.is_stream()) co_return std::move(*bytes);
      if (std::string whole = hold_open(std::move(**bytes)); !whole.empty()) co_return whole;
    }
    co_return std::nullopt;
  }

 private:
  /// Only whole events go on, so that a stream that breaks can always be ended by another one. An event that
  /// is too large to be kept goes on as it comes.
  std::string hold_open(std::string bytes) {
    if (!open_.empty()) bytes.insert(0, std::exchange(open_, {}));
    const std::size_t open = std::min(meter_.open_bytes(), bytes.size());
    torn_ = meter_.open_bytes() > kLargestHeld && !meter_.is_damaged();
    if (torn_ || open == 0) return bytes;
    open_ = bytes.substr(bytes.size() - open);
    bytes.resize(bytes.size() - open);
    return bytes;
  }

  const std::shared_ptr<Caller> caller_;
  Answer answer_;
  NativeMeter meter_;
  std::string open_;   ///< the beginning of an event
  bool torn_ = false;  ///< a part of an event has gone on
  std::optional<base::Error> refused_;
  std::string held_;
  bool ended_ = false;
};

}  // namespace

base::Awaitable<Result<std::unique_ptr<llm::NativeReply>>> BedrockNativeModel::call(
    const base::RequestContext& context, const NativeCall& call) {
  Call to = address(call);
  to.body = call.body;
  to.body_digest = call.body_digest;
  to.model = call.model;
  to.headers = call.headers;
  to.accept.clear();
  to.content_type.clear();
  CAPROCK_CO_TRY(Answer answer, co_await caller_->exchange(context, std::move(to)));
  if (answer.response->status() / 100 == 2)
    co_return std::make_unique<PassedReply>(caller_, std::move(answer), call.operation);
  std::string said = co_await caller_->read_refusal(answer);
  base::Error error = caller_->refusal(answer, said);
  auto reply = std::make_unique<PassedReply>(caller_, std::move(answer), call.operation);
  reply->refuse(std::move(error), std::move(said));
  co_return reply;
}

}  // namespace caprock::providers::bedrock
