#include "providers/bedrock/converse_reply.h"

#include <array>
#include <boost/json.hpp>
#include <utility>

#include "base/json/json_text.h"
#include "providers/bedrock/reply_reader.h"

namespace caprock::providers::bedrock {

namespace json = boost::json;
using base::failure;
using base::Result;

namespace {

using Events = std::vector<llm::StreamEvent>;
constexpr std::size_t kDeepest = 100;  // levels of JSON

Result<std::int32_t> block_of(const json::object& event) {
  const std::int64_t index = number_of(event, "contentBlockIndex");
  // Missing means the first: smithy leaves no default out, but a proxy may.
  if (index < 0 || index > 10'000) return failure(unreadable("contentBlockIndex is out of range"));
  return static_cast<std::int32_t>(index);
}

Result<void> read_start(const json::object& event, Events& out) {
  CAPROCK_TRY(const auto block, block_of(event));
  const json::object* start = object_of(event, "start");
  if (start == nullptr) return {};
  if (const json::object* tool = object_of(*start, "toolUse")) {
    out.push_back(llm::ToolUseStart{.block = block,
                                    .id = text_of(*tool, "toolUseId"),
                                    .name = text_of(*tool, "name"),
                                    .type = text_of(*tool, "type")});
  } else if (const json::object* result = object_of(*start, "toolResult")) {
    out.push_back(llm::ToolResultStart{.block = block,
                                       .tool_use_id = text_of(*result, "toolUseId"),
                                       .is_error = text_of(*result, "status") == "error",
                                       .type = text_of(*result, "type")});
  } else if (const json::object* image = object_of(*start, "image")) {
    out.push_back(
        llm::ImageDelta{.block = block, .image = {.format = text_of(*image, "format"), .source = {}}});
  }
  return {};
}

Result<void> read_result_delta(const json::array& pieces, std::int32_t block, Events& out) {
  for (const json::value& piece : pieces) {
    const json::object* one = piece.if_object();
    if (one == nullptr) return failure(unreadable("a piece of a tool's result that is no object"));
    llm::ToolResultContent content = llm::TextBlock{text_of(*one, "text")};
    if (const json::value* value = one->if_contains("json"))
      content = llm::JsonBlock{base::json_text(*value)};
    out.push_back(llm::ToolResultDelta{.block = block, .content = std::move(content)});
  }
  return {};
}

Result<void> read_image(const json::object& image, std::int32_t block, Events& out) {
  const json::object* source = object_of(image, "source");
  if (source == nullptr) return failure(unreadable("an image that the model could not make"));
  CAPROCK_TRY(auto read, read_source(*source));
  out.push_back(llm::ImageDelta{.block = block,
                                .image = {.format = text_of(image, "format"), .source = std::move(read)}});
  return {};
}

Result<void> read_delta(const json::object& event, Events& out) {
  CAPROCK_TRY(const auto block, block_of(event));
  const json::object* delta = object_of(event, "delta");
  if (delta == nullptr) return failure(unreadable("contentBlockDelta without delta"));
  if (const json::value* text = delta->if_contains("text"); text != nullptr && text->is_string()) {
    out.push_back(llm::TextDelta{.block = block, .text = std::string(text->get_string())});
  } else if (const json::object* tool = object_of(*delta, "toolUse")) {
    out.push_back(llm::ToolInputDelta{.block = block, .json = text_of(*tool, "input")});
  } else if (const json::object* reasoning = object_of(*delta, "reasoningContent")) {
    out.push_back(llm::ReasoningDelta{.block = block,
                                      .text = text_of(*reasoning, "text"),
                                      .signature = text_of(*reasoning, "signature"),
                                      .redacted = text_of(*reasoning, "redactedContent")});
  } else if (const json::object* citation = object_of(*delta, "citation")) {
    out.push_back(llm::CitationDelta{.block = block, .citation = read_citation(*citation)});
  } else if (const json::array* result = array_of(*delta, "toolResult")) {
    return read_result_delta(*result, block, out);
  } else if (const json::object* image = object_of(*delta, "image")) {
    return read_image(*image, block, out);
  }
  return {};
}

Result<void> read_stop(const json::object& event, Events& out) {
  const std::string name = text_of(event, "stopReason");
  const auto reason = read_stop_reason(name);
  if (!reason) return failure(unreadable("unknown stop reason '" + name + "'"));
  out.push_back(read_extra(event, *reason));
  return {};
}

Result<json::value> parsed(std::string_view text, json::storage_ptr memory) {
  json::parse_options options;
  options.max_depth = kDeepest;
  boost::system::error_code failed;
  json::value value = json::parse({text.data(), text.size()}, failed, std::move(memory), options);
  if (failed || !value.is_object()) return failure(unreadable("not a JSON object: " + failed.message()));
  return value;
}

// The blocks of a whole reply.
void read_tool_use(const json::object& tool, std::int32_t block, Events& out) {
  out.push_back(llm::ToolUseStart{.block = block,
                                  .id = text_of(tool, "toolUseId"),
                                  .name = text_of(tool, "name"),
                                  .type = text_of(tool, "type")});
  const json::value* input = tool.if_contains("input");
  out.push_back(
      llm::ToolInputDelta{.block = block, .json = input == nullptr ? "{}" : base::json_text(*input)});
}

void read_reasoning(const json::object& reasoning, std::int32_t block, Events& out) {
  const json::object* said = object_of(reasoning, "reasoningText");
  out.push_back(llm::ReasoningDelta{.block = block,
                                    .text = said == nullptr ? "" : text_of(*said, "text"),
                                    .signature = said == nullptr ? "" : text_of(*said, "signature"),
                                    .redacted = text_of(reasoning, "redactedContent")});
}

void read_cited(const json::object& cited, std::int32_t block, Events& out) {
  llm::TextDelta whole{.block = block, .text = {}};
  if (const json::array* content = array_of(cited, "content")) {
    for (const json::value& part : *content)
      if (part.is_object()) whole.text += text_of(part.get_object(), "text");
  }
  out.push_back(std::move(whole));
  const json::array* citations = array_of(cited, "citations");
  if (citations == nullptr) return;
  for (const json::value& one : *citations)
    if (one.is_object())
      out.push_back(llm::CitationDelta{.block = block, .citation = read_citation(one.get_object())});
}

Result<void> read_result(const json::object& result, std::int32_t block, Events& out) {
  out.push_back(llm::ToolResultStart{.block = block,
                                     .tool_use_id = text_of(result, "toolUseId"),
                                     .is_error = text_of(result, "status") == "error",
                                     .type = text_of(result, "type")});
  const json::array* content = array_of(result, "content");
  return content == nullptr ? Result<void>() : read_result_delta(*content, block, out);
}

Result<void> read_block(const json::object& block, std::int32_t number, Events& out) {
  if (const json::value* text = block.if_contains("text"); text != nullptr && text->is_string()) {
    out.push_back(llm::TextDelta{.block = number, .text = std::string(text->get_string())});
  } else if (const json::object* tool = object_of(block, "toolUse")) {
    read_tool_use(*tool, number, out);
  } else if (const json::object* reasoning = object_of(block, "reasoningContent")) {
    read_reasoning(*reasoning, number, out);
  } else if (const json::object* cited = object_of(block, "citationsContent")) {
    read_cited(*cited, number, out);
  } else if (const json::object* result = object_of(block, "toolResult")) {
    CAPROCK_CHECK(read_result(*result, number, out));
  } else if (const json::object* image = object_of(block, "image")) {
    CAPROCK_CHECK(read_image(*image, number, out));
  } else {
    return failure(
        unreadable("a block of a kind that is not known: " + base::json_text(block).substr(0, 60)));
  }
  out.push_back(llm::BlockStop{number});
  return {};
}

}  // namespace

Result<void> read_event(std::string_view type, std::string_view payload, Events& out) {
  std::array<unsigned char, 4096>
      buffer;  // NOLINT: most events fit, and filling it would cost more than reading them
  json::monotonic_resource memory(buffer.data(), buffer.size());
  CAPROCK_TRY(const json::value value, parsed(payload, &memory));
  const json::object& event = value.get_object();
  if (type == "contentBlockDelta") return read_delta(event, out);
  if (type == "contentBlockStart") return read_start(event, out);
  if (type == "messageStop") return read_stop(event, out);
  if (type == "contentBlockStop") {
    CAPROCK_TRY(const auto block, block_of(event));
    out.push_back(llm::BlockStop{block});
  } else if (type == "messageStart") {
    out.push_back(llm::MessageStart{});
  } else if (type == "metadata") {
    out.push_back(read_metadata(event));
  }
  return {};
}

Result<Events> read_reply(std::string_view body) {
  json::monotonic_resource memory(body.size() + 2048);
  CAPROCK_TRY(const json::value value, parsed(body, &memory));
  const json::object& reply = value.get_object();
  const json::object* output = object_of(reply, "output");
  const json::object* message = output == nullptr ? nullptr : object_of(*output, "message");
  const json::array* content = message == nullptr ? nullptr : array_of(*message, "content");
  if (content == nullptr) return failure(unreadable("no output.message.content"));
  Events out;
  out.push_back(llm::MessageStart{});
  std::int32_t number = 0;
  for (const json::value& block : *content) {
    if (!block.is_object()) return failure(unreadable("a content block that is no object"));
    CAPROCK_CHECK(read_block(block.get_object(), number++, out));
  }
  CAPROCK_CHECK(read_stop(reply, out));
  out.push_back(read_metadata(reply));
  return out;
}

}  // namespace caprock::providers::bedrock
