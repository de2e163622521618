#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/awaitable.h"
#include "base/context.h"
#include "base/sha256.h"
#include "llm/chat_events.h"

namespace caprock::llm {

/// Operations of Bedrock's runtime and agent runtime that a provider may take as their client wrote them.
enum class NativeOperation : std::uint8_t {
  kConverse,
  kConverseStream,
  kInvoke,
  kInvokeStream,
  kCountTokens,
  kApplyGuardrail,
  kRerank,
  kStartAsyncInvoke,
  kGetAsyncInvoke,
  kListAsyncInvokes
};
/// "Converse", "ConverseStream" … as the service's model has it.
std::string_view name_of(NativeOperation operation);
/// Its body means the same to every model.
constexpr bool is_for_any_model(NativeOperation operation) {
  return operation == NativeOperation::kConverse || operation == NativeOperation::kConverseStream;
}

using NativeHeaders = std::vector<std::pair<std::string, std::string>>;

/// A request that goes to its provider unread: the body's bytes are not looked at and not changed.
struct NativeCall {
  NativeOperation operation = NativeOperation::kConverse;
  std::string model;                     ///< as the client named it; empty where the operation names none
  std::vector<std::string> labels = {};  ///< of the path besides the model, decoded, in order
  std::string query = {};                ///< raw, without '?'
  NativeHeaders headers = {};            ///< those that mean something to the provider
  std::string body = {};
  std::optional<base::Sha256Digest> body_digest = {};  ///< where it was computed already
};

/// The answer, passed on as it comes: pulled, not decoded. Dropping it before its end aborts the call.
/// Belongs to the loop that called.
class NativeReply {
 public:
  virtual ~NativeReply() = default;
  virtual int status() const = 0;
  virtual const NativeHeaders& headers() const = 0;
  /// Whether the body is an event stream.
  virtual bool is_stream() const = 0;
  /// The next bytes; nothing at the end. An error when the answer breaks off, also when it ends in good
  /// manners of HTTP before its last event.
  virtual base::Awaitable<base::Result<std::optional<std::string>>> read(
      const base::RequestContext& context) = 0;
  /// Of a stream: every event of which a byte was read was read whole, so that another one may follow.
  virtual bool between_events() const = 0;
  /// What a status other than 2xx means, or an exception that has passed in the stream; null for neither. The
  /// body tells it in the provider's own words.
  virtual const base::Error* error() const = 0;
  /// What was found on the way; complete when read() has said that there is nothing more.
  virtual const StreamMetadata& metadata() const = 0;
};

/// Something that takes calls in Bedrock's own wire format. Thread safe. An answer of the provider is a reply
/// whatever its status; errors are only those of getting one.
class NativeModel {
 public:
  virtual ~NativeModel() = default;
  /// Whether such calls for this model can be passed through; others have to be translated. Empty: whether
  /// there is anybody for operations that name no model.
  virtual bool is_native(const std::string& model, NativeOperation operation) const = 0;
  /// One attempt. The call is only read, so that it can be made again.
  virtual base::Awaitable<base::Result<std::unique_ptr<NativeReply>>> call(
      const base::RequestContext& context, const NativeCall& call) = 0;
};

}  // namespace caprock::llm
