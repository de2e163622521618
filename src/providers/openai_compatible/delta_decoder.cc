#include "providers/openai_compatible/delta_decoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cctype>

#include "base/base64.h"
#include "base/json/json_text.h"

namespace caprock::providers::openai {

namespace json = boost::json;

namespace {

const json::value* present(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::string text_in(const json::object& object, std::string_view name) {
  const json::value* value = present(object, name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::optional<std::int64_t> number_in(const json::object& object, std::string_view name) {
  const json::value* value = present(object, name);
  return value != nullptr && value->is_int64() ? std::optional(value->get_int64()) : std::nullopt;
}

/// The objects of an array member; nothing when it is absent.
std::expected<std::vector<const json::object*>, std::string> objects_in(const json::object& object,
                                                                        std::string_view name) {
  std::vector<const json::object*> found;
  const json::value* value = present(object, name);
  if (value == nullptr) return found;
  if (!value->is_array()) return std::unexpected(fmt::format("{} is no array", name));
  for (const json::value& item : value->get_array()) {
    if (!item.is_object()) return std::unexpected(fmt::format("{} has an entry that is no object", name));
    found.push_back(&item.get_object());
  }
  return found;
}

/// A member that must be text when it is there.
std::expected<std::string, std::string> optional_text(const json::object& object, std::string_view name) {
  const json::value* value = present(object, name);
  if (value == nullptr) return std::string();
  if (!value->is_string()) return std::unexpected(fmt::format("{} is no string", name));
  return std::string(value->get_string());
}

}  // namespace

std::int32_t DeltaDecoder::block_of(Open kind, Events& out) {
  if (open_ == kind) return current_;
  close_current(out);
  open_ = kind;
  current_ = blocks_++;
  return current_;
}

void DeltaDecoder::close_current(Events& out) {
  if (open_ != Open::kNothing) out.emplace_back(llm::BlockStop{current_});
  open_ = Open::kNothing;
}

// Ids of tool uses have at most 64 characters, letters, digits, '_' and '-' (Converse).
void DeltaDecoder::set_reply_id(std::string_view id) {
  reply_id_.clear();
  for (const char c : id.substr(id.size() - std::min<std::size_t>(40, id.size())))
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_') reply_id_ += c;
}

void DeltaDecoder::close(Events& out) {
  close_current(out);
  for (const std::int32_t block : open_tools_) out.emplace_back(llm::BlockStop{block});
  open_tools_.clear();
}

DeltaDecoder::Outcome DeltaDecoder::take(const json::object& delta, Events& out) {
  for (const char* name : {"audio", "function_call"})
    if (present(delta, name) != nullptr)
      return std::unexpected(fmt::format("a delta has {}, which nobody asked for", name));
  if (auto taken = take_thoughts(delta, out); !taken) return taken;
  const auto text = optional_text(delta, "content");
  if (!text) return std::unexpected(text.error());
  if (!text->empty()) out.emplace_back(llm::TextDelta{block_of(Open::kText, out), *text});
  const auto refusal = optional_text(delta, "refusal");
  if (!refusal) return std::unexpected(refusal.error());
  if (!refusal->empty()) out.emplace_back(llm::RefusalDelta{block_of(Open::kRefusal, out), *refusal});
  if (auto taken = take_annotations(delta, out); !taken) return taken;
  if (auto taken = take_images(delta, out); !taken) return taken;
  const auto calls = objects_in(delta, "tool_calls");
  if (!calls) return std::unexpected(calls.error());
  for (const json::object* call : *calls)
    if (auto taken = take_tool_call(*call, out); !taken) return taken;
  return {};
}

// reasoning_details (OpenRouter) says the same as `reasoning` beside it, with signatures. reasoning_content
// is what DeepSeek, vLLM and llama.cpp write, `reasoning` what newer vLLM and Ollama do.
DeltaDecoder::Outcome DeltaDecoder::take_thoughts(const json::object& delta, Events& out) {
  const auto details = objects_in(delta, "reasoning_details");
  if (!details) return std::unexpected(details.error());
  for (const json::object* detail : *details)
    if (auto taken = take_thought_detail(*detail, out); !taken) return taken;
  if (!details->empty()) return {};
  for (const char* name : {"reasoning_content", "reasoning"}) {
    const auto text = optional_text(delta, name);
    if (!text) return std::unexpected(text.error());
    if (text->empty()) continue;
    out.emplace_back(llm::ReasoningDelta{.block = block_of(Open::kThought, out), .text = *text});
    break;
  }
  return {};
}

DeltaDecoder::Outcome DeltaDecoder::take_thought_detail(const json::object& detail, Events& out) {
  const std::int64_t index = number_in(detail, "index").value_or(0);
  if (open_ == Open::kThought && index != thought_index_) close_current(out);
  thought_index_ = index;
  llm::ReasoningDelta event{.block = block_of(Open::kThought, out),
                            .text = text_in(detail, "text") + text_in(detail, "summary"),
                            .signature = text_in(detail, "signature"),
                            .redacted = text_in(detail, "data"),
                            .id = text_in(detail, "id"),
                            .format = text_in(detail, "format")};
  out.emplace_back(std::move(event));
  return {};
}

DeltaDecoder::Outcome DeltaDecoder::take_tool_call(const json::object& call, Events& out) {
  // Some servers leave the index out; then calls come one after the other.
  const auto last = tools_.empty() ? std::int64_t{0} : tools_.rbegin()->first;
  std::int64_t index = number_in(call, "index").value_or(-1);
  const std::string id = text_in(call, "id");
  if (index < 0) index = id.empty() || tools_.empty() ? last : last + 1;
  auto found = tools_.find(index);
  // Others give every call the same index, each with an id of its own.
  if (found != tools_.end() && !id.empty() && id != found->second.id) {
    index = last + 1;
    found = tools_.end();
  }
  if (found == tools_.end()) {
    if (auto begun = begin_tool_call(index, call, out); !begun) return begun;
    found = tools_.find(index);
  }
  const json::value* function = present(call, "function");
  if (function == nullptr || !function->is_object()) return {};
  const json::value* arguments = present(function->get_object(), "arguments");
  if (arguments == nullptr) return {};
  // An object instead of its text comes from servers that follow Ollama's own protocol.
  std::string piece =
      arguments->is_string() ? std::string(arguments->get_string()) : base::json_text(*arguments);
  if (!piece.empty()) out.emplace_back(llm::ToolInputDelta{found->second.block, std::move(piece)});
  return {};
}

DeltaDecoder::Outcome DeltaDecoder::begin_tool_call(std::int64_t index, const json::object& call,
                                                    Events& out) {
  const json::value* function = present(call, "function");
  const std::string name =
      function != nullptr && function->is_object() ? text_in(function->get_object(), "name") : std::string();
  if (name.empty()) return std::unexpected("a tool call begins without a name");
  close_current(out);
  ToolCall begun{.block = blocks_++, .id = text_in(call, "id")};
  // Results are matched by id, so a server that gives none gets one made here.
  if (begun.id.empty()) begun.id = fmt::format("call_{}_{}", begun.block, reply_id_);
  out.emplace_back(llm::ToolUseStart{.block = begun.block, .id = begun.id, .name = name});
  open_tools_.push_back(begun.block);
  // `id` stays what the server said, to recognise it again.
  begun.id = text_in(call, "id");
  tools_.emplace(index, std::move(begun));
  return {};
}

// Web pages that the answer cites: https://platform.openai.com/docs/guides/tools-web-search
DeltaDecoder::Outcome DeltaDecoder::take_annotations(const json::object& delta, Events& out) {
  const auto annotations = objects_in(delta, "annotations");
  if (!annotations) return std::unexpected(annotations.error());
  for (const json::object* annotation : *annotations) {
    const json::value* cited = present(*annotation, "url_citation");
    if (cited == nullptr || !cited->is_object()) continue;
    const json::object& page = cited->get_object();
    llm::Citation citation{.place = llm::Citation::Place::kWeb,
                           .title = text_in(page, "title"),
                           .cited_text = text_in(page, "content"),
                           .url = text_in(page, "url"),
                           .text_start = number_in(page, "start_index"),
                           .text_end = number_in(page, "end_index")};
    out.emplace_back(llm::CitationDelta{block_of(Open::kText, out), std::move(citation)});
  }
  return {};
}

// Pictures that the model made, as OpenRouter gives them: whole, as data URLs.
DeltaDecoder::Outcome DeltaDecoder::take_images(const json::object& delta, Events& out) {
  const auto images = objects_in(delta, "images");
  if (!images) return std::unexpected(images.error());
  for (const json::object* image : *images) {
    const json::value* holder = present(*image, "image_url");
    const std::string url =
        holder != nullptr && holder->is_object() ? text_in(holder->get_object(), "url") : std::string();
    llm::ImageBlock block;
    const std::string_view prefix = "data:image/";
    const std::size_t comma = url.find(";base64,");
    if (url.starts_with(prefix) && comma != std::string::npos) {
      auto bytes = base::base64_decode(std::string_view(url).substr(comma + 8));
      if (!bytes) return std::unexpected("an image is no base64");
      block = {.format = url.substr(prefix.size(), comma - prefix.size()),
               .source = {.bytes = std::move(*bytes)}};
    } else {
      block.source.uri = url;
    }
    close_current(out);
    const std::int32_t number = blocks_++;
    out.emplace_back(llm::ImageDelta{number, std::move(block)});
    out.emplace_back(llm::BlockStop{number});
  }
  return {};
}

}  // namespace caprock::providers::openai
