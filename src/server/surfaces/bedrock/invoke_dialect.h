#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "llm/chat_model.h"

namespace caprock::server::bedrock {

/// In whose words a body of InvokeModel speaks, and its reply must.
enum class InvokeDialect : std::uint8_t { kAnthropic, kOpenAi };

struct InvokeRequest {
  InvokeDialect dialect = InvokeDialect::kOpenAi;
  llm::ChatRequest request;
};

/// A body of InvokeModel for a model that is not Bedrock's: Anthropic's messages when it has
/// `anthropic_version`, chat completions when it has `messages`. Errors: kInvalidArgument with the path of
/// the member, or with `body` when it is neither.
base::Result<InvokeRequest> read_invoke(boost::json::value body, const std::string& model, bool stream);

/// What a reply says of itself.
struct InvokeHead {
  InvokeDialect dialect = InvokeDialect::kOpenAi;
  std::string id;             ///< of the request
  std::string stop_sequence;  ///< the only one that was asked for: what matched, where the provider is silent
  std::int64_t created = 0;   ///< seconds since 1970
  std::string model;
};

/// The body of a whole reply. kUpstream for what the dialect has no words for.
base::Result<std::string> invoke_reply(const InvokeHead& head, const llm::ChatReply& reply);

/// Events of a model → frames of InvokeModelWithResponseStream: each event of the dialect as the `bytes` of a
/// `chunk`, the last one with the counts of the invocation. One a stream; pure.
class InvokeWriter {
 public:
  explicit InvokeWriter(const InvokeHead& head);
  ~InvokeWriter();
  base::Result<void> append(std::string& out, const llm::StreamEvent& event);
  /// The dialect's last event has been written.
  bool done() const;

 private:
  class Renderer;
  class OpenAi;
  class Anthropic;
  static std::unique_ptr<Renderer> renderer_for(const InvokeHead& head);
  std::unique_ptr<Renderer> renderer_;
};

/// "amazon-bedrock-invocationMetrics" put into an event, JSON text.
std::string with_metrics(std::string event, const llm::StreamMetadata& metadata);

}  // namespace caprock::server::bedrock
