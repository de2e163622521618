#include "server/surfaces/bedrock/invoke_dialect.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "aws/eventstream.h"
#include "base/base64.h"
#include "server/surfaces/anthropic/messages/messages_reply.h"
#include "server/surfaces/anthropic/messages/messages_request.h"
#include "server/surfaces/openai/chat_reply.h"
#include "server/surfaces/openai/chat_request.h"

namespace caprock::server::bedrock {

namespace json = boost::json;
using base::failure;
using base::Result;

namespace {

openai::ReplyHead openai_head(const InvokeHead& head) {
  return {.id = "chatcmpl-" + head.id, .created = head.created, .model = head.model};
}

anthropic::ReplyHead anthropic_head(const InvokeHead& head) {
  return {.id = "msg_" + head.id, .model = head.model, .stop_sequence = head.stop_sequence};
}

Result<InvokeRequest> read_anthropic(const json::value& body, const std::string& model) {
  CAPROCK_TRY(anthropic::MessagesBody read, anthropic::read_messages_body(body, anthropic::Door::kInvoke));
  read.request.model = model;
  return InvokeRequest{.dialect = InvokeDialect::kAnthropic, .request = std::move(read.request)};
}

Result<InvokeRequest> read_openai(json::value body, const std::string& model) {
  body.get_object()["model"] = model;
  CAPROCK_TRY(openai::ChatBody read, openai::read_chat_body(body));
  return InvokeRequest{.dialect = InvokeDialect::kOpenAi, .request = std::move(read.request)};
}

}  // namespace

Result<InvokeRequest> read_invoke(json::value body, const std::string& model, bool stream) {
  if (!body.is_object()) return failure(base::invalid_argument("body", "the body must be a JSON object"));
  const json::object& members = body.get_object();
  const bool anthropic = members.contains("anthropic_version");
  if (!anthropic && !members.contains("messages"))
    return failure(base::invalid_argument(
        "body", fmt::format("the body for the model \"{}\", which is not Bedrock's, must be chat completions "
                            "or, with anthropic_version, Anthropic's messages; or use Converse",
                            model)));
  CAPROCK_TRY(InvokeRequest read,
              anthropic ? read_anthropic(body, model) : read_openai(std::move(body), model));
  read.request.stream = stream;
  return read;
}

Result<std::string> invoke_reply(const InvokeHead& head, const llm::ChatReply& reply) {
  if (head.dialect == InvokeDialect::kAnthropic) return anthropic::render_reply(anthropic_head(head), reply);
  return openai::render_reply(openai_head(head), reply);
}

class InvokeWriter::Renderer {
 public:
  virtual ~Renderer() = default;
  /// Events of the dialect, JSON text.
  virtual Result<std::vector<std::string>> render(const llm::StreamEvent& event) = 0;
  virtual bool done() const = 0;
};

class InvokeWriter::OpenAi final : public Renderer {
 public:
  explicit OpenAi(const InvokeHead& head) : renderer_(openai_head(head), true) {}
  Result<std::vector<std::string>> render(const llm::StreamEvent& event) override {
    CAPROCK_TRY(auto events, renderer_.render(event));
    std::vector<std::string> out;
    // Chunks have an end of their own: the stream's.
    for (SseEvent& one : events)
      if (one.data != "[DONE]") out.push_back(std::move(one.data));
    return out;
  }
  bool done() const override { return renderer_.done(); }

 private:
  openai::ChunkRenderer renderer_;
};

class InvokeWriter::Anthropic final : public Renderer {
 public:
  explicit Anthropic(const InvokeHead& head) : renderer_(anthropic_head(head)) {}
  Result<std::vector<std::string>> render(const llm::StreamEvent& event) override {
    CAPROCK_TRY(auto events, renderer_.render(event));
    std::vector<std::string> out;
    for (anthropic::Event& one : events) out.push_back(std::move(one.data));
    return out;
  }
  bool done() const override { return renderer_.done(); }

 private:
  anthropic::EventRenderer renderer_;
};

std::unique_ptr<InvokeWriter::Renderer> InvokeWriter::renderer_for(const InvokeHead& head) {
  if (head.dialect == InvokeDialect::kAnthropic) return std::make_unique<Anthropic>(head);
  return std::make_unique<OpenAi>(head);
}

InvokeWriter::InvokeWriter(const InvokeHead& head) : renderer_(renderer_for(head)) {}
InvokeWriter::~InvokeWriter() = default;
bool InvokeWriter::done() const { return renderer_->done(); }

Result<void> InvokeWriter::append(std::string& out, const llm::StreamEvent& event) {
  CAPROCK_TRY(auto events, renderer_->render(event));
  const auto* metadata = std::get_if<llm::StreamMetadata>(&event);
  if (metadata != nullptr && metadata->usage_known && !events.empty())
    events.back() = with_metrics(std::move(events.back()), *metadata);
  for (const std::string& one : events)
    CAPROCK_CHECK(
        aws::append_event(out, "chunk", fmt::format(R"({{"bytes":"{}"}})", base::base64_encode(one))));
  return {};
}

std::string with_metrics(std::string event, const llm::StreamMetadata& metadata) {
  const llm::Usage& usage = metadata.usage;
  std::string counts =
      fmt::format(R"("inputTokenCount":{},"outputTokenCount":{})", usage.input_tokens, usage.output_tokens);
  if (usage.cache_read_tokens != 0)
    counts += fmt::format(R"(,"cacheReadInputTokenCount":{})", usage.cache_read_tokens);
  if (usage.cache_write_tokens != 0)
    counts += fmt::format(R"(,"cacheWriteInputTokenCount":{})", usage.cache_write_tokens);
  if (metadata.latency_ms) counts += fmt::format(R"(,"invocationLatency":{})", *metadata.latency_ms);
  event.insert(event.size() - 1, fmt::format(R"(,"amazon-bedrock-invocationMetrics":{{{}}})", counts));
  return event;
}

}  // namespace caprock::server::bedrock
