#include "providers/bedrock/invoke/claude_content.h"

#include <fmt/format.h>

#include "base/utf8.h"
#include "providers/bedrock/content_writer.h"

namespace caprock::providers::bedrock::invoke {

using base::failure;
using base::Result;

namespace {

void write_texts(base::JsonWriter& out, const std::vector<std::string>& texts) {
  out.open_array();
  for (const std::string& text : texts)
    out.open_object().key("type").text("text").key("text").text(text).close_object();
  out.close_array();
}

void write_flag(base::JsonWriter& out, const std::optional<bool>& enabled) {
  if (enabled) out.key("citations").open_object().key("enabled").boolean(*enabled).close_object();
}

/// Writes the members of one block; the caller opens and closes its object, so that cache_control fits in.
class BlockWriter {
 public:
  BlockWriter(base::JsonWriter& out, std::string path) : out_(out), path_(std::move(path)) {}

  Result<void> operator()(const llm::TextBlock& block) {
    type("text").key("text").text(block.text);
    if (block.citations.empty()) return {};
    out_.key("citations").open_array();
    for (const llm::Citation& citation : block.citations) CAPROCK_CHECK(write(citation));
    out_.close_array();
    return {};
  }
  Result<void> operator()(const llm::ImageBlock& block) {
    if (!block.detail.empty() && block.detail != "auto") return refuse(".image.detail");
    if (block.format.empty()) return refuse(".image.format", "Bedrock wants to be told the format");
    type("image");
    return bytes(block.source, "image/" + block.format, ".image.source");
  }
  Result<void> operator()(const llm::DocumentBlock& block) {
    type("document");
    CAPROCK_CHECK(document_source(block));
    if (!block.name.empty()) out_.key("title").text(block.name);
    if (!block.context.empty()) out_.key("context").text(block.context);
    write_flag(out_, block.citations);
    return {};
  }
  Result<void> operator()(const llm::SearchResultBlock& block) {
    type("search_result").key("source").text(block.source).key("title").text(block.title).key("content");
    write_texts(out_, block.content);
    write_flag(out_, block.citations);
    return {};
  }
  Result<void> operator()(const llm::ToolUseBlock& block) {
    if (!block.type.empty()) return refuse(".toolUse.type");
    CAPROCK_TRY(const auto input, checked_object(block.input_json, path_ + ".toolUse.input"));
    type("tool_use").key("id").text(block.id).key("name").text(block.name).key("input").raw(input);
    return {};
  }
  Result<void> operator()(const llm::ToolResultBlock& block) {
    if (!block.type.empty()) return refuse(".toolResult.type");
    type("tool_result").key("tool_use_id").text(block.tool_use_id).key("content").open_array();
    for (std::size_t i = 0; i < block.content.size(); ++i) {
      out_.open_object();
      BlockWriter part(out_, fmt::format("{}.toolResult.content[{}]", path_, i));
      CAPROCK_CHECK(std::visit(part, block.content[i]));
      out_.close_object();
    }
    out_.close_array();
    if (block.is_error) out_.key("is_error").boolean(true);
    return {};
  }
  Result<void> operator()(const llm::JsonBlock& block) {
    type("text").key("text").text(block.json);
    return {};
  }
  Result<void> operator()(const llm::ReasoningBlock& block) {
    // `id` and `format` are bookkeeping of other dialects and mean nothing to the model.
    if (!block.redacted.empty()) {
      if (!block.text.empty()) return refuse(".reasoningContent.redactedContent");
      type("redacted_thinking").key("data").text(block.redacted);
      return {};
    }
    if (block.signature.empty())
      return refuse(".reasoningContent.reasoningText.signature",
                    "Claude takes only its own thoughts back, with their signature");
    type("thinking").key("thinking").text(block.text).key("signature").text(block.signature);
    return {};
  }
  Result<void> operator()(const llm::GuardBlock&) { return refuse(".guardContent"); }
  Result<void> operator()(const llm::VideoBlock&) { return refuse(".video"); }
  Result<void> operator()(const llm::AudioBlock&) { return refuse(".audio"); }
  Result<void> operator()(const llm::RefusalBlock&) { return refuse(".refusal"); }
  Result<void> operator()(const llm::ToolChangeBlock& block) {
    return refuse(block.added ? ".toolAddition" : ".toolRemoval");
  }
  Result<void> operator()(const llm::CachePointBlock&) { return refuse(".cachePoint"); }

 private:
  base::JsonWriter& type(std::string_view name) { return out_.key("type").text(name); }

  std::unexpected<base::Error> refuse(std::string_view member, std::string_view why = {}) const {
    return failure(claude_cannot(path_ + std::string(member), why));
  }

  Result<void> bytes(const llm::MediaSource& source, std::string_view media_type, std::string_view member) {
    if (!source.uri.empty())
      return refuse(member, "InvokeModel takes bytes only, no URL or S3 location: send the bytes");
    out_.key("source").open_object().key("type").text("base64").key("media_type").text(media_type);
    out_.key("data").blob(source.bytes).close_object();
    return {};
  }

  Result<void> document_source(const llm::DocumentBlock& block) {
    if (!block.content.empty()) {
      out_.key("source").open_object().key("type").text("content").key("content");
      write_texts(out_, block.content);
      out_.close_object();
      return {};
    }
    if (!block.text.empty()) return plain(block.text);
    if (block.format == "pdf") return bytes(block.source, "application/pdf", ".document.source");
    const bool text =
        block.format == "txt" || block.format == "md" || block.format == "csv" || block.format == "html";
    if (!text || !block.source.uri.empty() || !base::is_valid_utf8(block.source.bytes))
      return refuse(text ? ".document.source" : ".document.format",
                    "Claude reads PDF and plain text over InvokeModel: send one of these as bytes");
    return plain(block.source.bytes);
  }

  Result<void> plain(std::string_view text) {
    out_.key("source").open_object().key("type").text("text").key("media_type").text("text/plain");
    out_.key("data").text(text).close_object();
    return {};
  }

  Result<void> write(const llm::Citation& citation) {
    using enum llm::Citation::Place;
    if (citation.text_start || citation.text_end) return refuse(".annotations");
    if (citation.place == kUnknown) return refuse(".citations.location");
    out_.open_object();
    if (citation.place == kWeb) {
      type("web_search_result_location").key("url").text(citation.url);
      if (!citation.opaque.empty()) out_.key("encrypted_index").text(citation.opaque);
    } else if (citation.place == kSearchResult) {
      type("search_result_location").key("search_result_index").number(citation.index);
      out_.key("source").text(citation.source);
    } else {
      type(citation.place == kDocumentChar   ? "char_location"
           : citation.place == kDocumentPage ? "page_location"
                                             : "content_block_location");
      out_.key("document_index").number(citation.index);
    }
    span(citation);
    if (!citation.title.empty())
      out_.key(citation.place == kWeb || citation.place == kSearchResult ? "title" : "document_title")
          .text(citation.title);
    out_.key("cited_text").text(citation.cited_text).close_object();
    return {};
  }

  void span(const llm::Citation& citation) {
    using enum llm::Citation::Place;
    if (citation.place == kWeb) return;
    out_.key(citation.place == kDocumentChar   ? "start_char_index"
             : citation.place == kDocumentPage ? "start_page_number"
                                               : "start_block_index");
    out_.number(citation.start);
    out_.key(citation.place == kDocumentChar   ? "end_char_index"
             : citation.place == kDocumentPage ? "end_page_number"
                                               : "end_block_index");
    out_.number(citation.end);
  }

  base::JsonWriter& out_;
  const std::string path_;
};

}  // namespace

base::Error claude_cannot(std::string field, std::string_view why) {
  std::string message = why.empty() ? "InvokeModel of Claude has no way to say this: leave " + field + " out"
                                    : std::string(why);
  return base::invalid_argument(std::move(field), std::move(message));
}

void write_cache_control(base::JsonWriter& out, const llm::CachePointBlock& point) {
  out.key("cache_control").open_object().key("type").text("ephemeral");
  if (!point.ttl.empty()) out.key("ttl").text(point.ttl);
  out.close_object();
}

Result<void> write_claude_content(base::JsonWriter& out, const std::vector<llm::ContentBlock>& blocks,
                                  const std::string& path) {
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const std::string place = fmt::format("{}[{}]", path, i);
    if (std::holds_alternative<llm::CachePointBlock>(blocks[i]))
      return failure(
          claude_cannot(place + ".cachePoint", "a cache point stands behind what is to be cached"));
    out.open_object();
    CAPROCK_CHECK(std::visit(BlockWriter(out, place), blocks[i]));
    if (i + 1 < blocks.size()) {
      if (const auto* point = std::get_if<llm::CachePointBlock>(&blocks[i + 1])) {
        write_cache_control(out, *point);
        ++i;
      }
    }
    out.close_object();
  }
  return {};
}

}  // namespace caprock::providers::bedrock::invoke
