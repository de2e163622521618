#include "server/surfaces/openai/response_reply.h"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>

#include "base/json/json_text.h"
#include "base/utf8.h"
#include "server/openai_error.h"
#include "server/surfaces/openai/annotations.h"

namespace caprock::server::openai {

namespace json = boost::json;
using base::failure;
using base::Result;
using Kind = ResponseItem::Kind;

namespace {

base::Error malformed(std::string detail) {
  return base::Error(base::ErrorKind::kUpstream, "The model's reply is malformed and was not finished.")
      .with_detail(std::move(detail));
}

std::int64_t seconds(base::WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

// Their input_tokens count what came from the cache and what was written to it.
json::object usage_json(const llm::Usage& usage) {
  return {{"input_tokens", usage.total() - usage.output_tokens},
          {"input_tokens_details",
           {{"cached_tokens", usage.cache_read_tokens}, {"cache_write_tokens", usage.cache_write_tokens}}},
          {"output_tokens", usage.output_tokens},
          {"output_tokens_details", {{"reasoning_tokens", usage.reasoning_tokens}}},
          {"total_tokens", usage.total()}};
}

// The few codes that the dialect has for a response that failed.
std::string_view failure_code(base::ErrorKind kind) {
  using enum base::ErrorKind;
  if (kind == kRateLimited) return "rate_limit_exceeded";
  if (kind == kInvalidArgument || kind == kUnprocessable) return "invalid_prompt";
  return "server_error";
}

}  // namespace

ResponseRenderer::ResponseRenderer(ResponseHead head, const base::Clock& clock)
    : head_(std::move(head)), clock_(clock), created_(seconds(clock.wall())) {}

json::object ResponseRenderer::object() const {
  json::object out{{"id", "resp_" + head_.id},      {"object", "response"}, {"created_at", created_},
                   {"completed_at", nullptr},       {"status", status_},    {"error", nullptr},
                   {"incomplete_details", nullptr}, {"model", head_.model}, {"output", json::array()}};
  if (completed_) out["completed_at"] = *completed_;
  if (error_) out["error"] = *error_;
  if (!incomplete_.empty()) out["incomplete_details"] = {{"reason", incomplete_}};
  if (status_ != "in_progress") out["output"] = output_;
  for (const auto& member : head_.echo) out[member.key()] = member.value();
  out["usage"] = usage_ ? json::value(*usage_) : json::value(nullptr);
  return out;
}

std::string ResponseRenderer::response() const { return base::json_text(object()); }

void ResponseRenderer::emit(std::string_view type, json::object members) {
  json::object data{{"type", type}, {"sequence_number", sequence_++}};
  for (auto& member : members) data[member.key()] = std::move(member.value());
  out_.push_back({.event = std::string(type), .data = base::json_text(data), .id = {}});
}

void ResponseRenderer::emit_response(std::string_view type) { emit(type, {{"response", object()}}); }

void ResponseRenderer::emit_at(const ResponseItem& item, std::string_view type, json::object members) {
  json::object all{{"item_id", item.id}, {"output_index", item.index}};
  all[item.kind == Kind::kReasoning ? "summary_index" : "content_index"] = 0;
  if (item.kind == Kind::kCall || item.kind == Kind::kImage) all.erase("content_index");
  for (auto& member : members) all[member.key()] = std::move(member.value());
  emit(type, std::move(all));
}

Result<ResponseItem*> ResponseRenderer::at(std::int32_t block, Kind kind) {
  const auto [found, fresh] = items_.try_emplace(block);
  ResponseItem& item = found->second;
  if (fresh) {
    item.kind = kind;
    item.index = static_cast<std::int64_t>(output_.size());
    item.id = std::string(ResponseItem::prefix(kind)) + head_.id + "_" + std::to_string(item.index);
    output_.emplace_back(nullptr);
  } else if (item.kind != kind || item.closed) {
    return failure(malformed("a block of two kinds, or one that goes on after its end"));
  }
  return &item;
}

void ResponseRenderer::open(ResponseItem& item) {
  emit("response.output_item.added", {{"output_index", item.index}, {"item", item.json("in_progress")}});
  if (item.kind == Kind::kImage) emit_at(item, "response.image_generation_call.in_progress", {});
  if (item.kind != Kind::kText && item.kind != Kind::kRefusal) return;
  emit_at(item, "response.content_part.added", {{"part", item.part()}});
  item.part_open = true;
}

void ResponseRenderer::close(ResponseItem& item, std::string_view status) {
  if (item.closed) return;
  item.closed = true;
  switch (item.kind) {
    case Kind::kText:
      emit_at(item, "response.output_text.done", {{"text", item.text}, {"logprobs", json::array()}});
      emit_at(item, "response.content_part.done", {{"part", item.part()}});
      break;
    case Kind::kRefusal:
      emit_at(item, "response.refusal.done", {{"refusal", item.text}});
      emit_at(item, "response.content_part.done", {{"part", item.part()}});
      break;
    case Kind::kReasoning:
      if (!item.part_open) break;
      emit_at(item, "response.reasoning_summary_text.done", {{"text", item.thought.text}});
      emit_at(item, "response.reasoning_summary_part.done", {{"part", item.part()}});
      break;
    case Kind::kCall:
      // A call without arguments, as readers of JSON want it.
      if (item.text.empty() && status == "completed") {
        item.text = "{}";
        emit_at(item, "response.function_call_arguments.delta", {{"delta", item.text}});
      }
      emit_at(item, "response.function_call_arguments.done", {{"name", item.name}, {"arguments", item.text}});
      break;
    case Kind::kImage:
      emit_at(item, "response.image_generation_call.completed", {});
      break;
  }
  json::object whole = item.json(status);
  emit("response.output_item.done", {{"output_index", item.index}, {"item", whole}});
  output_[static_cast<std::size_t>(item.index)] = std::move(whole);
}

void ResponseRenderer::finish_ending(std::string_view status) {
  if (ending_) close(items_.at(*ending_), status);
  ending_.reset();
}

/// What one event adds.
struct ResponseRenderer::Taking {
  ResponseRenderer& of;

  template <class Add>
  Result<void> grow(std::int32_t block, Kind kind, Add add) {
    const bool fresh = !of.items_.contains(block);
    CAPROCK_TRY(ResponseItem * item, of.at(block, kind));
    if (fresh) of.open(*item);
    add(*item);
    return {};
  }

  Result<void> operator()(const llm::TextDelta& e) {
    return grow(e.block, Kind::kText, [&](ResponseItem& item) {
      item.text += e.text;
      of.emit_at(item, "response.output_text.delta", {{"delta", e.text}, {"logprobs", json::array()}});
    });
  }
  Result<void> operator()(const llm::CitationDelta& e) {
    return grow(e.block, Kind::kText, [&](ResponseItem& item) {
      json::object annotation{{"type", annotation_type(e.citation)}};
      for (auto& member : annotation_members(e.citation)) annotation[member.key()] = member.value();
      // The dialect wants a span. A model that names none means the text that it belongs to.
      if (e.citation.place == llm::Citation::Place::kWeb) {
        annotation.emplace("start_index", 0);
        annotation.emplace("end_index", base::count_code_points(item.text));
      }
      of.emit_at(item, "response.output_text.annotation.added",
                 {{"annotation_index", item.annotations.size()}, {"annotation", annotation}});
      item.annotations.push_back(std::move(annotation));
    });
  }
  Result<void> operator()(const llm::RefusalDelta& e) {
    return grow(e.block, Kind::kRefusal, [&](ResponseItem& item) {
      item.text += e.text;
      of.emit_at(item, "response.refusal.delta", {{"delta", e.text}});
    });
  }
  Result<void> operator()(const llm::ReasoningDelta& e) {
    return grow(e.block, Kind::kReasoning, [&](ResponseItem& item) {
      if (!e.text.empty() && !item.part_open) {
        of.emit_at(item, "response.reasoning_summary_part.added", {{"part", item.part()}});
        item.part_open = true;
      }
      item.thought.text += e.text;
      item.thought.signature += e.signature;
      item.thought.redacted += e.redacted;
      if (!e.id.empty()) item.thought.id = e.id;
      if (!e.format.empty()) item.thought.format = e.format;
      if (!e.text.empty()) of.emit_at(item, "response.reasoning_summary_text.delta", {{"delta", e.text}});
    });
  }
  Result<void> operator()(const llm::ToolUseStart& e) {
    if (!e.type.empty()) return failure(malformed("a tool that the provider ran, which nobody asked for"));
    if (of.items_.contains(e.block)) return failure(malformed("a block that begins twice"));
    CAPROCK_TRY(ResponseItem * item, of.at(e.block, Kind::kCall));
    item->call_id = e.id;
    item->name = e.name;
    of.open(*item);
    return {};
  }
  Result<void> operator()(const llm::ToolInputDelta& e) {
    if (!of.items_.contains(e.block)) return failure(malformed("arguments of a tool that was not named"));
    return grow(e.block, Kind::kCall, [&](ResponseItem& item) {
      item.text += e.json;
      if (!e.json.empty()) of.emit_at(item, "response.function_call_arguments.delta", {{"delta", e.json}});
    });
  }
  Result<void> operator()(const llm::ImageDelta& e) {
    return grow(e.block, Kind::kImage, [&](ResponseItem& item) {
      if (!e.image.format.empty()) item.image.format = e.image.format;
      item.image.source.bytes += e.image.source.bytes;
      item.image.source.uri += e.image.source.uri;
    });
  }
  Result<void> operator()(const llm::BlockStop& e) {
    if (of.items_.contains(e.block)) of.ending_ = e.block;
    return {};
  }
  Result<void> operator()(const llm::MessageStop& e) { return of.stop(e); }
  template <class Other>
  Result<void> operator()(const Other&) {
    return {};
  }
};

Result<void> ResponseRenderer::stop(const llm::MessageStop& event) {
  using enum llm::StopReason;
  stopped_ = true;
  switch (event.reason) {
    case kEndTurn:
    case kStopSequence:
    case kToolUse:
      break;
    case kMaxTokens:
    case kContextWindowExceeded:
      incomplete_ = "max_output_tokens";
      break;
    case kContentFiltered:
    case kGuardrail:
    case kRefusal:
      incomplete_ = "content_filter";
      break;
    case kPauseTurn:
    case kMalformedOutput:
    case kMalformedToolUse:
      return failure(malformed("it stopped as malformed"));
  }
  const std::string_view last = incomplete_.empty() ? "completed" : "incomplete";
  finish_ending(last);
  for (auto& [block, item] : items_) close(item, last);
  return {};
}

void ResponseRenderer::end(const llm::StreamMetadata& event) {
  if (event.usage_known) usage_ = usage_json(event.usage);
  if (!event.service_tier.empty()) head_.echo["service_tier"] = event.service_tier;
  completed_ = seconds(clock_.wall());
  status_ = incomplete_.empty() ? "completed" : "incomplete";
  if (!incomplete_.empty()) completed_.reset();  // it did not complete
  done_ = true;
  emit_response(incomplete_.empty() ? "response.completed" : "response.incomplete");
}

Result<std::vector<SseEvent>> ResponseRenderer::render(const llm::StreamEvent& event) {
  out_.clear();
  if (!begun_) {
    begun_ = true;
    emit_response("response.created");
    emit_response("response.in_progress");
  }
  const auto* metadata = std::get_if<llm::StreamMetadata>(&event);
  if (stopped_ && metadata == nullptr) return failure(malformed("it goes on after its end"));
  if (!std::holds_alternative<llm::MessageStop>(event)) finish_ending("completed");
  CAPROCK_CHECK(std::visit(Taking{*this}, event));
  if (metadata != nullptr && stopped_) end(*metadata);
  return std::move(out_);
}

std::vector<SseEvent> ResponseRenderer::broken(const base::Error& error) {
  out_.clear();
  json::object told = openai_error_object(error);
  status_ = "failed";
  incomplete_ = {};
  error_ = json::object{{"code", failure_code(error.kind)}, {"message", told.at("message")}};
  for (const auto& [block, item] : items_)
    if (auto& place = output_[static_cast<std::size_t>(item.index)]; place.is_null())
      place = item.json("incomplete");
  // As the specification has it, and in "error" once more, where the SDKs look for what to throw.
  emit("error", {{"code", told.at("code")},
                 {"message", told.at("message")},
                 {"param", told.at("param")},
                 {"error", told}});
  emit_response("response.failed");
  return std::move(out_);
}

}  // namespace caprock::server::openai
