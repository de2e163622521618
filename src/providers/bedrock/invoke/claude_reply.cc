#include "providers/bedrock/invoke/claude_reply.h"

#include <array>
#include <boost/json.hpp>

#include "base/json/json_text.h"
#include "providers/bedrock/invoke/text_reply.h"
#include "providers/bedrock/reply_reader.h"

namespace caprock::providers::bedrock::invoke {

namespace json = boost::json;
using base::failure;
using base::Result;

namespace {

llm::Citation citation_of(const json::object& object) {
  using enum llm::Citation::Place;
  struct Row {
    std::string_view type;
    llm::Citation::Place place;
    std::string_view index;
    std::string_view start;
    std::string_view end;
  };
  static constexpr std::array kRows{
      Row{"char_location", kDocumentChar, "document_index", "start_char_index", "end_char_index"},
      Row{"page_location", kDocumentPage, "document_index", "start_page_number", "end_page_number"},
      Row{"content_block_location", kDocumentChunk, "document_index", "start_block_index", "end_block_index"},
      Row{"search_result_location", kSearchResult, "search_result_index", "start_block_index",
          "end_block_index"},
      Row{"web_search_result_location", kWeb, "", "", ""}};
  llm::Citation out{.title = text_of(object, "title"),
                    .source = text_of(object, "source"),
                    .cited_text = text_of(object, "cited_text")};
  if (out.title.empty()) out.title = text_of(object, "document_title");
  const std::string type = text_of(object, "type");
  for (const Row& row : kRows) {
    if (row.type != type) continue;
    out.place = row.place;
    out.index = number_of(object, row.index);
    out.start = number_of(object, row.start);
    out.end = number_of(object, row.end);
  }
  out.url = text_of(object, "url");
  out.opaque = text_of(object, "encrypted_index");
  return out;
}

/// What is said of usage later stands for what was said before: message_delta counts anew, in part.
void take_usage(const json::object& usage, llm::StreamMetadata& metadata) {
  const auto take = [&](std::string_view name, std::int64_t& into) {
    if (const auto count = count_in(usage, name)) into = *count;
  };
  take("input_tokens", metadata.usage.input_tokens);
  take("output_tokens", metadata.usage.output_tokens);
  take("cache_read_input_tokens", metadata.usage.cache_read_tokens);
  take("cache_creation_input_tokens", metadata.usage.cache_write_tokens);
  if (const json::object* written = object_of(usage, "cache_creation"))
    if (const auto hour = count_in(*written, "ephemeral_1h_input_tokens"))
      metadata.usage.cache_write_1h_tokens = *hour;
  metadata.usage_known = true;
}

class ClaudeReader final : public ReplyReader {
 public:
  Result<void> whole(const json::object& body, Reply& reply) override {
    if (text_of(body, "type") == "error") return reported(body);
    const json::array* content = array_of(body, "content");
    if (content == nullptr) return failure(unreadable("a message without content"));
    start(body, reply);
    std::int32_t number = 0;
    for (const json::value& one : *content) {
      if (!one.is_object()) return failure(unreadable("a block that is no object"));
      CAPROCK_CHECK(block(one.get_object(), number, reply));
      reply.events.emplace_back(llm::BlockStop{number++});
    }
    CAPROCK_CHECK(take_stop(body));
    return end(reply);
  }

  Result<void> chunk(const json::object& chunk, Reply& reply) override {
    const std::string type = text_of(chunk, "type");
    if (type == "ping" || type.empty()) return {};
    if (reply.stop) return failure(unreadable("an event after message_stop"));
    if (type == "error") return reported(chunk);
    if (type == "message_start") {
      const json::object* message = object_of(chunk, "message");
      if (message == nullptr) return failure(unreadable("message_start without message"));
      start(*message, reply);
    } else if (type == "content_block_start") {
      const json::object* begun = object_of(chunk, "content_block");
      if (begun == nullptr) return failure(unreadable("content_block_start without block"));
      CAPROCK_TRY(const auto number, number_of_block(chunk));
      return block(*begun, number, reply);
    } else if (type == "content_block_delta") {
      return delta(chunk, reply);
    } else if (type == "content_block_stop") {
      CAPROCK_TRY(const auto number, number_of_block(chunk));
      reply.events.emplace_back(llm::BlockStop{number});
    } else if (type == "message_delta") {
      if (const json::object* usage = object_of(chunk, "usage")) take_usage(*usage, reply.metadata);
      if (const json::object* changed = object_of(chunk, "delta")) return take_stop(*changed);
    } else if (type == "message_stop") {
      return end(reply);
    }
    return {};  // kinds to come
  }

 private:
  static Result<std::int32_t> number_of_block(const json::object& chunk) {
    const std::int64_t index = number_of(chunk, "index");
    if (index < 0 || index > 10'000) return failure(unreadable("index of a block is out of range"));
    return static_cast<std::int32_t>(index);
  }

  /// {"type":"error","error":{"type":"overloaded_error",…}}, in the middle of a stream too.
  static Result<void> reported(const json::object& object) {
    const json::object* said = object_of(object, "error");
    const std::string type = said == nullptr ? std::string() : text_of(*said, "type");
    base::Error error =
        model_failed(type + ": " + (said == nullptr ? std::string() : text_of(*said, "message")));
    if (type == "overloaded_error") {
      error.kind = base::ErrorKind::kUnavailable;
      error.cause = base::ErrorCause::kServiceBusy;
    } else if (type == "rate_limit_error") {
      error.kind = base::ErrorKind::kRateLimited;
      error.cause = base::ErrorCause::kThrottled;
    }
    return failure(std::move(error));
  }

  static void start(const json::object& message, Reply& reply) {
    if (const json::object* usage = object_of(message, "usage")) take_usage(*usage, reply.metadata);
    llm::MessageStart begun{.id = text_of(message, "id"), .model = text_of(message, "model")};
    if (reply.metadata.usage_known) begun.usage = reply.metadata.usage;
    reply.metadata.model = begun.model;
    reply.metadata.id = begun.id;
    reply.events.emplace_back(std::move(begun));
  }

  /// A whole block, or the beginning of one: what it has already is said.
  static Result<void> block(const json::object& block, std::int32_t number, Reply& reply) {
    const std::string type = text_of(block, "type");
    if (type == "text") {
      if (std::string text = text_of(block, "text"); !text.empty())
        reply.events.emplace_back(llm::TextDelta{.block = number, .text = std::move(text)});
      if (const json::array* citations = array_of(block, "citations")) {
        for (const json::value& one : *citations)
          if (one.is_object())
            reply.events.emplace_back(llm::CitationDelta{number, citation_of(one.get_object())});
      }
    } else if (type == "tool_use" || type == "server_tool_use") {
      reply.events.emplace_back(llm::ToolUseStart{.block = number,
                                                  .id = text_of(block, "id"),
                                                  .name = text_of(block, "name"),
                                                  .type = type == "tool_use" ? std::string() : type});
      const json::object* input = object_of(block, "input");
      if (input != nullptr && !input->empty())
        reply.events.emplace_back(llm::ToolInputDelta{.block = number, .json = base::json_text(*input)});
    } else if (type == "thinking") {
      llm::ReasoningDelta thought{
          .block = number, .text = text_of(block, "thinking"), .signature = text_of(block, "signature")};
      if (!thought.text.empty() || !thought.signature.empty()) reply.events.emplace_back(std::move(thought));
    } else if (type == "redacted_thinking") {
      reply.events.emplace_back(
          llm::ReasoningDelta{.block = number, .text = {}, .redacted = text_of(block, "data")});
    } else {
      return failure(unreadable("a block of a kind that is not known: " + type.substr(0, 60)));
    }
    return {};
  }

  static Result<void> delta(const json::object& chunk, Reply& reply) {
    CAPROCK_TRY(const auto number, number_of_block(chunk));
    const json::object* said = object_of(chunk, "delta");
    if (said == nullptr) return failure(unreadable("content_block_delta without delta"));
    const std::string type = text_of(*said, "type");
    if (type == "text_delta") {
      reply.events.emplace_back(llm::TextDelta{.block = number, .text = text_of(*said, "text")});
    } else if (type == "input_json_delta") {
      reply.events.emplace_back(llm::ToolInputDelta{.block = number, .json = text_of(*said, "partial_json")});
    } else if (type == "thinking_delta") {
      reply.events.emplace_back(llm::ReasoningDelta{.block = number, .text = text_of(*said, "thinking")});
    } else if (type == "signature_delta") {
      reply.events.emplace_back(
          llm::ReasoningDelta{.block = number, .text = {}, .signature = text_of(*said, "signature")});
    } else if (type == "citations_delta") {
      if (const json::object* citation = object_of(*said, "citation"))
        reply.events.emplace_back(llm::CitationDelta{number, citation_of(*citation)});
    }
    return {};
  }

  Result<void> take_stop(const json::object& object) {
    using enum llm::StopReason;
    CAPROCK_TRY(const auto reason, stop_in(object, "stop_reason",
                                           {{"end_turn", kEndTurn},
                                            {"max_tokens", kMaxTokens},
                                            {"stop_sequence", kStopSequence},
                                            {"tool_use", kToolUse},
                                            {"pause_turn", kPauseTurn},
                                            {"refusal", kRefusal},
                                            {"model_context_window_exceeded", kContextWindowExceeded}}));
    if (!reason) return {};
    stop_ = llm::MessageStop{.reason = *reason, .stop_sequence = text_of(object, "stop_sequence")};
    return {};
  }

  Result<void> end(Reply& reply) const {
    if (!stop_) return failure(unreadable("a message that ends without stop_reason"));
    reply.stop = stop_;
    return {};
  }

  std::optional<llm::MessageStop> stop_;
};

}  // namespace

std::unique_ptr<ReplyReader> claude_reader() { return std::make_unique<ClaudeReader>(); }

}  // namespace caprock::providers::bedrock::invoke
