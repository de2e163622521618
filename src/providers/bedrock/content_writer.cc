#include "providers/bedrock/content_writer.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <cctype>

#include "base/json/json_text.h"

namespace caprock::providers::bedrock {

using base::failure;
using base::Result;

namespace {

void write_texts(base::JsonWriter& out, const std::vector<std::string>& texts) {
  out.open_array();
  for (const std::string& text : texts) out.open_object().key("text").text(text).close_object();
  out.close_array();
}

void write_flag(base::JsonWriter& out, std::string_view name, const std::optional<bool>& enabled) {
  if (enabled) out.key(name).open_object().key("enabled").boolean(*enabled).close_object();
}

/// Bedrock takes letters, digits, white space, hyphens, parentheses and brackets, and no white space twice;
/// people's files have dots. The name only tells documents apart.
std::string document_name(std::string_view name, const std::string& path) {
  std::string out;
  for (const char c : name.empty() ? std::string_view(path) : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool kept = std::isalnum(byte) != 0 || c == '(' || c == ')' || c == '[' || c == ']' || c == ' ';
    const char put = kept ? c : '-';
    if (put == ' ' && (out.empty() || out.back() == ' ')) continue;
    out += put;
    if (out.size() == 200) break;
  }
  return out;
}

class ContentWriter {
 public:
  ContentWriter(base::JsonWriter& out, std::string path) : out_(out), path_(std::move(path)) {}

  Result<void> operator()(const llm::TextBlock& block) {
    if (block.citations.empty()) {
      out_.key("text").text(block.text);
      return {};
    }
    out_.key("citationsContent").open_object().key("content");
    write_texts(out_, {block.text});
    out_.key("citations").open_array();
    for (const llm::Citation& citation : block.citations) CAPROCK_CHECK(write(citation));
    out_.close_array().close_object();
    return {};
  }
  Result<void> operator()(const llm::ImageBlock& block) {
    if (!block.detail.empty() && block.detail != "auto") return refuse(".image.detail");
    return media("image", block.format, block.source);
  }
  Result<void> operator()(const llm::VideoBlock& block) { return media("video", block.format, block.source); }
  Result<void> operator()(const llm::AudioBlock& block) { return media("audio", block.format, block.source); }
  Result<void> operator()(const llm::DocumentBlock& block) {
    out_.key("document").open_object();
    if (!block.format.empty()) out_.key("format").text(block.format);
    out_.key("name").text(document_name(block.name, path_)).key("source");
    if (!block.text.empty()) {
      out_.open_object().key("text").text(block.text).close_object();
    } else if (!block.content.empty()) {
      out_.open_object().key("content");
      write_texts(out_, block.content);
      out_.close_object();
    } else {
      CAPROCK_CHECK(source(block.source, ".document.source"));
    }
    if (!block.context.empty()) out_.key("context").text(block.context);
    write_flag(out_, "citations", block.citations);
    out_.close_object();
    return {};
  }
  Result<void> operator()(const llm::SearchResultBlock& block) {
    out_.key("searchResult").open_object().key("source").text(block.source).key("title").text(block.title);
    out_.key("content");
    write_texts(out_, block.content);
    write_flag(out_, "citations", block.citations);
    out_.close_object();
    return {};
  }
  Result<void> operator()(const llm::ToolUseBlock& block) {
    out_.key("toolUse").open_object().key("toolUseId").text(block.id).key("name").text(block.name);
    CAPROCK_TRY(const auto input, checked_object(block.input_json, path_ + ".toolUse.input"));
    out_.key("input").raw(input);
    if (!block.type.empty()) out_.key("type").text(block.type);
    out_.close_object();
    return {};
  }
  Result<void> operator()(const llm::ToolResultBlock& block) {
    out_.key("toolResult").open_object().key("toolUseId").text(block.tool_use_id).key("content").open_array();
    for (std::size_t i = 0; i < block.content.size(); ++i) {
      ContentWriter item(out_, fmt::format("{}.toolResult.content[{}]", path_, i));
      out_.open_object();
      CAPROCK_CHECK(std::visit(item, block.content[i]));
      out_.close_object();
    }
    out_.close_array();
    // Success is the default, and models other than Claude and Nova refuse to be told.
    if (block.is_error) out_.key("status").text("error");
    if (!block.type.empty()) out_.key("type").text(block.type);
    out_.close_object();
    return {};
  }
  Result<void> operator()(const llm::JsonBlock& block) {
    // Bedrock takes objects only; any other JSON says the same as text.
    if (const auto object = checked_object(block.json, ""))
      out_.key("json").raw(*object);
    else
      out_.key("text").text(block.json);
    return {};
  }
  Result<void> operator()(const llm::ReasoningBlock& block) {
    // `id` and `format` are bookkeeping of other dialects and mean nothing to the model.
    out_.key("reasoningContent").open_object();
    if (!block.redacted.empty()) {
      if (!block.text.empty()) return refuse(".reasoningContent.redactedContent");
      out_.key("redactedContent").text(block.redacted);
    } else {
      out_.key("reasoningText").open_object().key("text").text(block.text);
      if (!block.signature.empty()) out_.key("signature").text(block.signature);
      out_.close_object();
    }
    out_.close_object();
    return {};
  }
  Result<void> operator()(const llm::GuardBlock& block) {
    out_.key("guardContent").open_object();
    if (block.image) {
      CAPROCK_CHECK(media("image", block.image->format, block.image->source));
    } else {
      out_.key("text").open_object().key("text").text(block.text);
      if (!block.qualifiers.empty()) {
        out_.key("qualifiers").open_array();
        for (const std::string& qualifier : block.qualifiers) out_.text(qualifier);
        out_.close_array();
      }
      out_.close_object();
    }
    out_.close_object();
    return {};
  }
  Result<void> operator()(const llm::ToolChangeBlock& block) {
    out_.key(block.added ? "toolAddition" : "toolRemoval").open_object().key("tool").open_object();
    if (!block.type.empty()) out_.key("type").text(block.type);
    if (!block.name.empty()) out_.key("name").text(block.name);
    if (!block.server.empty()) out_.key("serverName").text(block.server);
    out_.close_object().close_object();
    return {};
  }
  Result<void> operator()(const llm::CachePointBlock& block) {
    write_cache_point(out_, block);
    return {};
  }
  Result<void> operator()(const llm::RefusalBlock&) { return refuse(".refusal"); }

 private:
  std::unexpected<base::Error> refuse(std::string_view member, std::string_view why = {}) const {
    return failure(not_expressible(path_ + std::string(member), why));
  }

  Result<void> media(std::string_view kind, const std::string& format, const llm::MediaSource& from) {
    out_.key(kind).open_object();
    if (format.empty()) return refuse(fmt::format(".{}.format", kind), "Bedrock wants to be told the format");
    out_.key("format").text(format).key("source");
    CAPROCK_CHECK(source(from, fmt::format(".{}.source", kind)));
    out_.close_object();
    return {};
  }

  Result<void> source(const llm::MediaSource& from, const std::string& member) {
    out_.open_object();
    if (from.uri.empty()) {
      out_.key("bytes").blob(from.bytes);
    } else {
      if (!from.uri.starts_with("s3://"))
        return refuse(member + ".url", "Bedrock fetches nothing but s3:// URIs: send the bytes");
      out_.key("s3Location").open_object().key("uri").text(from.uri);
      if (!from.bucket_owner.empty()) out_.key("bucketOwner").text(from.bucket_owner);
      out_.close_object();
    }
    out_.close_object();
    return {};
  }

  Result<void> write(const llm::Citation& citation) {
    if (!citation.opaque.empty()) return refuse(".citations.encrypted_index");
    if (citation.text_start || citation.text_end) return refuse(".annotations");
    out_.open_object();
    if (!citation.title.empty()) out_.key("title").text(citation.title);
    if (!citation.source.empty()) out_.key("source").text(citation.source);
    if (!citation.cited_text.empty()) {
      out_.key("sourceContent");
      write_texts(out_, {citation.cited_text});
    }
    write_location(citation);
    out_.close_object();
    return {};
  }

  void write_location(const llm::Citation& citation) {
    using enum llm::Citation::Place;
    if (citation.place == kUnknown) return;
    out_.key("location").open_object();
    if (citation.place == kWeb) {
      out_.key("web").open_object();
      if (!citation.url.empty()) out_.key("url").text(citation.url);
      if (!citation.domain.empty()) out_.key("domain").text(citation.domain);
    } else {
      const bool result = citation.place == kSearchResult;
      out_.key(citation.place == kDocumentChar    ? "documentChar"
               : citation.place == kDocumentPage  ? "documentPage"
               : citation.place == kDocumentChunk ? "documentChunk"
                                                  : "searchResultLocation");
      out_.open_object().key(result ? "searchResultIndex" : "documentIndex").number(citation.index);
      out_.key("start").number(citation.start).key("end").number(citation.end);
    }
    out_.close_object().close_object();
  }

  base::JsonWriter& out_;
  const std::string path_;
};

}  // namespace

base::Error not_expressible(std::string field, std::string_view why) {
  std::string message =
      why.empty() ? "Bedrock's Converse has no way to say this: leave " + field + " out" : std::string(why);
  return base::invalid_argument(std::move(field), std::move(message));
}

Result<std::string_view> checked_object(std::string_view json, std::string_view field) {
  if (json.empty()) return "{}";
  const auto parsed = base::parse_json(json);
  if (!parsed || !parsed->is_object())
    return failure(base::invalid_argument(std::string(field), std::string(field) + " must be a JSON object"));
  return json;
}

namespace {

std::string place_in(const std::string& path, std::size_t index) {
  return path + '[' + std::to_string(index) + ']';
}

}  // namespace

Result<void> write_content(base::JsonWriter& out, const std::vector<llm::ContentBlock>& blocks,
                           const std::string& path) {
  out.open_array();
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    out.open_object();
    CAPROCK_CHECK(std::visit(ContentWriter(out, place_in(path, i)), blocks[i]));
    out.close_object();
  }
  out.close_array();
  return {};
}

Result<void> write_system(base::JsonWriter& out, const std::vector<llm::ContentBlock>& blocks,
                          const std::string& path) {
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const std::string place = place_in(path, i);
    const auto* text = std::get_if<llm::TextBlock>(&blocks[i]);
    const bool known = (text != nullptr && text->citations.empty()) ||
                       std::holds_alternative<llm::GuardBlock>(blocks[i]) ||
                       std::holds_alternative<llm::CachePointBlock>(blocks[i]);
    if (!known) return failure(not_expressible(place + "." + std::string(llm::kind_of(blocks[i]))));
    out.open_object();
    CAPROCK_CHECK(std::visit(ContentWriter(out, place), blocks[i]));
    out.close_object();
  }
  return {};
}

void write_cache_point(base::JsonWriter& out, const llm::CachePointBlock& point) {
  out.key("cachePoint").open_object().key("type").text("default");
  if (!point.ttl.empty()) out.key("ttl").text(point.ttl);
  out.close_object();
}

}  // namespace caprock::providers::bedrock
