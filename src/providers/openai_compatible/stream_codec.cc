#include "providers/openai_compatible/stream_codec.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/json/json_text.h"
#include "providers/openai_compatible/error_codec.h"
#include "providers/openai_compatible/stop_reason.h"
#include "providers/openai_compatible/usage_codec.h"

namespace caprock::providers::openai {

namespace json = boost::json;
using base::failure;
using base::Result;

namespace {

const json::value* present(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

void note_head(const json::object& chunk, llm::StreamMetadata& metadata) {
  const auto text = [&](std::string_view name, std::string& into) {
    const json::value* value = present(chunk, name);
    if (value != nullptr && value->is_string() && !value->get_string().empty()) into = value->get_string();
  };
  text("id", metadata.id);
  text("model", metadata.model);
  text("service_tier", metadata.service_tier);
  if (const json::value* usage = present(chunk, "usage"); usage != nullptr && usage->is_object()) {
    metadata.usage = decode_usage(usage->get_object());
    metadata.usage_known = true;
  }
}

}  // namespace

std::optional<llm::MessageStop> decode_stop(const json::object& choice, bool used_tools) {
  using enum llm::StopReason;
  const json::value* finish = present(choice, "finish_reason");
  if (finish == nullptr || !finish->is_string()) return std::nullopt;
  const std::string_view reason = finish->get_string();
  if (reason == "length" || reason == "max_tokens") return llm::MessageStop{.reason = kMaxTokens};
  if (reason == "tool_calls") return llm::MessageStop{.reason = kToolUse};
  if (reason == "content_filter") return llm::MessageStop{.reason = kContentFiltered};
  if (reason != "stop" && reason != "eos") return std::nullopt;
  if (used_tools) return llm::MessageStop{.reason = kToolUse};
  // vLLM tells the sequence that matched.
  const json::value* matched = present(choice, "stop_reason");
  if (matched != nullptr && matched->is_string())
    return llm::MessageStop{.reason = kStopSequence, .stop_sequence = std::string(matched->get_string())};
  return llm::MessageStop{.reason = kEndTurn};
}

StreamDecoder::StreamDecoder(const Dialect& dialect, std::string model)
    : dialect_(dialect), model_(std::move(model)) {
  metadata_.usage_known = false;
}

base::Error StreamDecoder::broken(std::string detail) const {
  return broken_reply(dialect_, model_, std::move(detail));
}

Result<void> StreamDecoder::push(std::string_view bytes, Events& out) {
  if (done_) return {};
  auto events = sse_.push(bytes);
  if (!events) return failure(broken("an event is too large"));
  for (const net::SseEvent& event : *events) {
    if (done_) break;
    CAPROCK_CHECK(take(event, out));
  }
  return {};
}

Result<void> StreamDecoder::take(const net::SseEvent& event, Events& out) {
  if (event.data == "[DONE]") return take_done(out);
  const auto value = base::parse_json(event.data);
  if (!value || !value->is_object()) return failure(broken("an event is no JSON object: " + event.data));
  const json::object& chunk = value->get_object();
  if (const json::value* error = present(chunk, "error"))
    return failure(error_in_stream(dialect_, model_, base::json_text(*error)));
  if (event.type == "error") return failure(error_in_stream(dialect_, model_, event.data));
  return take_chunk(chunk, out);
}

Result<void> StreamDecoder::take_chunk(const json::object& chunk, Events& out) {
  const json::value* choices = present(chunk, "choices");
  if (choices == nullptr || !choices->is_array()) {
    // vLLM and others report an error as an object of its own.
    const json::value* object = present(chunk, "object");
    if (object != nullptr && *object == "error")
      return failure(error_in_stream(dialect_, model_, base::json_text(chunk)));
    if (present(chunk, "usage") == nullptr) return failure(broken("a chunk has no choices"));
  }
  note_head(chunk, metadata_);
  if (!started_) {
    started_ = true;
    deltas_.set_reply_id(metadata_.id);
    out.emplace_back(llm::MessageStart{.id = metadata_.id, .model = metadata_.model});
  }
  if (choices == nullptr || !choices->is_array()) return {};
  for (const json::value& choice : choices->get_array()) {
    if (!choice.is_object()) return failure(broken("a choice is no object"));
    CAPROCK_CHECK(take_choice(choice.get_object(), out));
  }
  return {};
}

Result<void> StreamDecoder::take_choice(const json::object& choice, Events& out) {
  if (const json::value* index = present(choice, "index"); index != nullptr && *index != 0)
    return failure(broken("a choice that nobody asked for"));
  if (const json::value* delta = present(choice, "delta")) {
    if (!delta->is_object()) return failure(broken("a delta is no object"));
    const std::size_t before = out.size();
    if (const auto taken = deltas_.take(delta->get_object(), out); !taken)
      return failure(broken(taken.error()));
    if (stop_ && out.size() > before) return failure(broken("the reply goes on after its end"));
  }
  if (present(choice, "finish_reason") == nullptr) return {};
  auto stop = decode_stop(choice, deltas_.used_tools());
  if (!stop) return failure(broken("finish_reason " + base::json_text(*present(choice, "finish_reason"))));
  if (!stop_) {
    stop_ = std::move(stop);
    deltas_.close(out);
  }
  return {};
}

Result<void> StreamDecoder::take_done(Events& out) {
  if (!stop_) return failure(broken("[DONE] without a finish_reason"));
  done_ = true;
  out.emplace_back(std::move(*stop_));
  out.emplace_back(std::move(metadata_));
  return {};
}

Result<void> StreamDecoder::finish() const {
  if (done_) return {};
  return failure(
      broken(stop_ ? "the stream ended before [DONE]" : "the stream ended before its finish_reason"));
}

Result<std::vector<llm::StreamEvent>> decode_reply(const Dialect& dialect, const std::string& model,
                                                   std::string_view body) {
  const auto bad = [&](std::string detail) {
    return failure(broken_reply(dialect, model, std::move(detail)));
  };
  const auto value = base::parse_json(body);
  if (!value || !value->is_object()) return bad("the reply is no JSON object");
  const json::object& reply = value->get_object();
  // OpenRouter reports what fails after it began to answer with status 200.
  if (const json::value* error = present(reply, "error"))
    return failure(error_in_stream(dialect, model, base::json_text(*error)));
  const json::value* choices = present(reply, "choices");
  if (choices == nullptr || !choices->is_array() || choices->get_array().size() != 1 ||
      !choices->get_array().front().is_object())
    return bad("the reply has not one choice");
  const json::object& choice = choices->get_array().front().get_object();
  if (const json::value* error = present(choice, "error"))
    return failure(error_in_stream(dialect, model, base::json_text(*error)));
  const json::value* message = present(choice, "message");
  if (message == nullptr || !message->is_object()) return bad("the choice has no message");

  llm::StreamMetadata metadata;
  metadata.usage_known = false;
  note_head(reply, metadata);
  std::vector<llm::StreamEvent> out;
  out.emplace_back(llm::MessageStart{.id = metadata.id, .model = metadata.model});
  DeltaDecoder deltas;
  deltas.set_reply_id(metadata.id);
  if (const auto taken = deltas.take(message->get_object(), out); !taken) return bad(taken.error());
  deltas.close(out);
  auto stop = decode_stop(choice, deltas.used_tools());
  if (!stop) return bad("no finish_reason that we know");
  out.emplace_back(std::move(*stop));
  out.emplace_back(std::move(metadata));
  return out;
}

}  // namespace caprock::providers::openai
