#include "server/surfaces/anthropic/messages/media.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "base/base64.h"

namespace caprock::server::anthropic {

namespace json = boost::json;
using base::failure;
using base::invalid_argument;
using base::Members;
using base::Result;

namespace {

constexpr auto kImages =
    std::to_array<std::string_view>({"image/jpeg", "image/png", "image/gif", "image/webp"});

Result<const json::object*> source_of(const Members& block) {
  CAPROCK_TRY(const json::object* source, block.object("source"));
  if (source == nullptr)
    return failure(
        invalid_argument(block.path("source"), fmt::format("'{}' must be given.", block.path("source"))));
  return source;
}

Result<std::string> decoded(const Members& source) {
  CAPROCK_TRY(const auto data, source.required_text("data"));
  auto bytes = base::base64_decode(data);
  if (!bytes)
    return failure(
        invalid_argument(source.path("data"), fmt::format("'{}' is no base64.", source.path("data"))));
  return *std::move(bytes);
}

Result<std::string> url_of(const Members& source) {
  CAPROCK_TRY(auto url, source.required_text("url"));
  if (!url.starts_with("https://") && !url.starts_with("http://"))
    return failure(invalid_argument(source.path("url"),
                                    fmt::format("'{}' must be an http or https URL.", source.path("url"))));
  return url;
}

base::Error other_source(const Members& source, std::string_view type, std::string_view known) {
  const std::string field = source.path("type");
  return invalid_argument(
      field, type == "file"
                 ? fmt::format("'{}': stored files are not known here: send the content itself.", field)
                 : fmt::format("'{}' must be one of {}, not '{}'.", field, known, type));
}

base::Error wrong_type(const Members& source, std::string_view type, std::string_view right) {
  const std::string field = source.path("media_type");
  return invalid_argument(field, fmt::format("'{}' must be {}, not '{}'.", field, right, type));
}

/// Blocks of text, or one string.
Result<std::vector<std::string>> texts_of(const Members& of, std::string_view name) {
  std::vector<std::string> texts;
  const json::value* content = of.find(name);
  if (content != nullptr && content->is_string()) {
    texts.emplace_back(content->get_string());
    return texts;
  }
  CAPROCK_TRY(const json::array* items, of.array(name));
  for (std::size_t i = 0; items != nullptr && i < items->size(); ++i) {
    const std::string at = fmt::format("{}.{}", of.path(name), i);
    const json::object* object = (*items)[i].if_object();
    if (object == nullptr) return failure(invalid_argument(at, fmt::format("'{}' must be an object.", at)));
    const Members item(*object, at);
    CAPROCK_TRY(const auto type, item.required_text("type"));
    if (type != "text")
      return failure(
          invalid_argument(item.path("type"), fmt::format("'{}' must be 'text' here.", item.path("type"))));
    if (item.find("cache_control") != nullptr)
      return failure(invalid_argument(item.path("cache_control"),
                                      fmt::format("'{}' is not supported here: put it on the block around.",
                                                  item.path("cache_control"))));
    CAPROCK_TRY(auto text, item.required_text("text"));
    texts.push_back(std::move(text));
  }
  if (texts.empty())
    return failure(invalid_argument(of.path(name), fmt::format("'{}' must not be empty.", of.path(name))));
  return texts;
}

Result<std::optional<bool>> citations_of(const Members& block) {
  CAPROCK_TRY(const json::object* config, block.object("citations"));
  if (config == nullptr) return std::nullopt;
  return Members(*config, block.path("citations")).flag("enabled");
}

Result<void> read_pdf(const Members& source, llm::DocumentBlock& out) {
  CAPROCK_TRY(const auto media, source.required_text("media_type"));
  if (media != "application/pdf") return failure(wrong_type(source, media, "'application/pdf'"));
  out.format = "pdf";
  CAPROCK_TRY(out.source.bytes, decoded(source));
  return {};
}

Result<void> read_plain(const Members& source, llm::DocumentBlock& out) {
  CAPROCK_TRY(const auto media, source.required_text("media_type"));
  if (media != "text/plain") return failure(wrong_type(source, media, "'text/plain'"));
  out.format = "txt";
  CAPROCK_TRY(out.text, source.required_text("data"));
  return {};
}

}  // namespace

Result<llm::ImageBlock> read_image(const Members& block) {
  CAPROCK_TRY(const json::object* object, source_of(block));
  const Members source(*object, block.path("source"));
  CAPROCK_TRY(const auto type, source.required_text("type"));
  llm::ImageBlock out;
  if (type == "url") {
    CAPROCK_TRY(out.source.uri, url_of(source));
    return out;
  }
  if (type != "base64") return failure(other_source(source, type, "'base64' and 'url'"));
  CAPROCK_TRY(const auto media, source.required_text("media_type"));
  if (std::ranges::find(kImages, media) == kImages.end())
    return failure(wrong_type(source, media, "'image/jpeg', 'image/png', 'image/gif' or 'image/webp'"));
  out.format = media.substr(std::string_view("image/").size());
  CAPROCK_TRY(out.source.bytes, decoded(source));
  return out;
}

Result<llm::DocumentBlock> read_document(const Members& block) {
  CAPROCK_TRY(const json::object* object, source_of(block));
  const Members source(*object, block.path("source"));
  CAPROCK_TRY(const auto type, source.required_text("type"));
  llm::DocumentBlock out;
  if (type == "base64") {
    CAPROCK_CHECK(read_pdf(source, out));
  } else if (type == "text") {
    CAPROCK_CHECK(read_plain(source, out));
  } else if (type == "content") {
    out.format = "txt";
    CAPROCK_TRY(out.content, texts_of(source, "content"));
  } else if (type == "url") {
    out.format = "pdf";
    CAPROCK_TRY(out.source.uri, url_of(source));
  } else {
    return failure(other_source(source, type, "'base64', 'text', 'content' and 'url'"));
  }
  CAPROCK_TRY(out.name, block.text("title"));
  CAPROCK_TRY(out.context, block.text("context"));
  CAPROCK_TRY(out.citations, citations_of(block));
  return out;
}

Result<llm::SearchResultBlock> read_search_result(const Members& block) {
  llm::SearchResultBlock out;
  CAPROCK_TRY(out.source, block.required_text("source"));
  CAPROCK_TRY(out.title, block.required_text("title"));
  CAPROCK_TRY(out.content, texts_of(block, "content"));
  CAPROCK_TRY(out.citations, citations_of(block));
  return out;
}

}  // namespace caprock::server::anthropic
