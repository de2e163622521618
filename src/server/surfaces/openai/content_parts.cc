#include "server/surfaces/openai/content_parts.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/base64.h"
#include "base/json/members.h"
#include "server/surfaces/openai/media_parts.h"

namespace caprock::server::openai {

namespace json = boost::json;
using base::failure;
using base::invalid_argument;
using base::Result;

namespace {

Result<llm::ContentBlock> read_image(const base::Members& part) {
  CAPROCK_TRY(const json::object* image, part.object("image_url"));
  if (image == nullptr)
    return failure(
        invalid_argument(part.path("image_url"), fmt::format("'{}' is missing.", part.path("image_url"))));
  const base::Members members(*image, part.path("image_url"));
  CAPROCK_TRY(auto url, members.required_text("url"));
  CAPROCK_TRY(auto block, read_image_url(std::move(url), members.path("url")));
  CAPROCK_TRY(block.detail, members.text("detail"));
  return block;
}

Result<llm::ContentBlock> read_file(const base::Members& part) {
  CAPROCK_TRY(const json::object* file, part.object("file"));
  const json::object none;
  const base::Members members(file == nullptr ? none : *file, part.path("file"));
  if (members.find("file_id") != nullptr)
    return failure(
        invalid_argument(members.path("file_id"), "Stored files are not known here: send file_data."));
  CAPROCK_TRY(const auto url, members.required_text("file_data"));
  CAPROCK_TRY(auto name, members.text("filename"));
  return read_file_data(url, std::move(name), members.path("file_data"));
}

Result<llm::ContentBlock> read_audio(const base::Members& part) {
  CAPROCK_TRY(const json::object* audio, part.object("input_audio"));
  const json::object none;
  const base::Members members(audio == nullptr ? none : *audio, part.path("input_audio"));
  CAPROCK_TRY(const auto data, members.required_text("data"));
  CAPROCK_TRY(auto format, members.required_text("format"));
  auto bytes = base::base64_decode(data);
  if (!bytes) return failure(invalid_argument(members.path("data"), "The audio is no base64."));
  return llm::AudioBlock{std::move(format), {.bytes = std::move(*bytes)}};
}

Result<llm::ContentBlock> read_part(const base::Members& part) {
  CAPROCK_TRY(const auto type, part.required_text("type"));
  if (type == "text") {
    CAPROCK_TRY(auto text, part.text("text"));
    return llm::TextBlock{std::move(text)};
  }
  if (type == "image_url") return read_image(part);
  if (type == "file") return read_file(part);
  if (type == "input_audio") return read_audio(part);
  if (type == "refusal") {
    CAPROCK_TRY(auto text, part.text("refusal"));
    return llm::RefusalBlock{std::move(text)};
  }
  return failure(
      invalid_argument(part.path("type"), fmt::format("Invalid value: '{}'. Supported values are: 'text', "
                                                      "'image_url', 'input_audio', 'refusal', and 'file'.",
                                                      type)));
}

}  // namespace

Result<std::vector<llm::ContentBlock>> read_content(const json::value& content, const std::string& path) {
  std::vector<llm::ContentBlock> blocks;
  if (content.is_string()) {
    if (!content.get_string().empty()) blocks.emplace_back(llm::TextBlock{std::string(content.get_string())});
    return blocks;
  }
  if (!content.is_array())
    return failure(invalid_argument(path, fmt::format("'{}' must be a string or an array.", path)));
  for (std::size_t i = 0; i < content.get_array().size(); ++i) {
    const std::string at = fmt::format("{}[{}]", path, i);
    const json::object* object = content.get_array()[i].if_object();
    if (object == nullptr) return failure(invalid_argument(at, fmt::format("'{}' must be an object.", at)));
    const base::Members part(*object, at);
    CAPROCK_TRY(auto block, read_part(part));
    blocks.push_back(std::move(block));
    CAPROCK_TRY(const json::object* control, part.object("cache_control"));
    if (control == nullptr) continue;
    CAPROCK_TRY(auto ttl, base::Members(*control, part.path("cache_control")).text("ttl"));
    blocks.emplace_back(llm::CachePointBlock{std::move(ttl)});
  }
  return blocks;
}

}  // namespace caprock::server::openai
