#include "providers/bedrock/invoke/text_reply.h"

#include <boost/json.hpp>

#include "providers/bedrock/reply_reader.h"

namespace caprock::providers::bedrock::invoke {

namespace json = boost::json;
using base::failure;
using base::Result;

namespace {

class TextReader final : public ReplyReader {
 public:
  explicit TextReader(const TextForm& form) : form_(form) {}

  Result<void> whole(const json::object& body, Reply& reply) override {
    CAPROCK_TRY(const TextPiece piece, form_.whole(body));
    return take(piece, reply);
  }
  Result<void> chunk(const json::object& chunk, Reply& reply) override {
    CAPROCK_TRY(const TextPiece piece, form_.chunk(chunk));
    return take(piece, reply);
  }

 private:
  Result<void> take(const TextPiece& piece, Reply& reply) {
    if (reply.stop && (!piece.text.empty() || piece.stop))
      return failure(unreadable("the reply goes on after its end"));
    if (!std::exchange(started_, true)) reply.events.emplace_back(llm::MessageStart{});
    if (!piece.text.empty()) {
      spoke_ = true;
      reply.events.emplace_back(llm::TextDelta{.block = 0, .text = piece.text});
    }
    if (piece.input_tokens) reply.metadata.usage.input_tokens = *piece.input_tokens;
    if (piece.output_tokens) reply.metadata.usage.output_tokens = *piece.output_tokens;
    counted_input_ = counted_input_ || piece.input_tokens;
    counted_output_ = counted_output_ || piece.output_tokens;
    reply.metadata.usage_known = counted_input_ && counted_output_;
    if (!piece.stop) return {};
    if (spoke_) reply.events.emplace_back(llm::BlockStop{0});
    reply.stop = llm::MessageStop{.reason = *piece.stop};
    return {};
  }

  const TextForm form_;
  bool started_ = false;
  bool spoke_ = false;
  bool counted_input_ = false;
  bool counted_output_ = false;
};

}  // namespace

std::unique_ptr<ReplyReader> read_text(const TextForm& form) { return std::make_unique<TextReader>(form); }

Result<std::optional<llm::StopReason>> stop_in(const json::object& object, std::string_view name,
                                               std::initializer_list<StopWord> known) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || value->is_null()) return std::nullopt;
  const std::string word = text_of(object, name);
  for (const StopWord& one : known)
    if (one.word == word) return std::optional(one.reason);
  return failure(unreadable("an end that is not known: " + word.substr(0, 60)));
}

base::Error model_failed(std::string detail) {
  return base::Error(base::ErrorKind::kUpstream, "the model ended its reply with an error")
      .with_cause(base::ErrorCause::kModelFault)
      .with_detail(std::move(detail));
}

std::optional<std::int64_t> count_in(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_int64() || value->get_int64() < 0) return std::nullopt;
  return value->get_int64();
}

Result<const json::object*> only_of(const json::object& object, std::string_view name) {
  const json::array* list = array_of(object, name);
  if (list == nullptr || list->size() != 1 || !list->front().is_object())
    return failure(unreadable(std::string(name) + " has not one answer"));
  return &list->front().get_object();
}

}  // namespace caprock::providers::bedrock::invoke
