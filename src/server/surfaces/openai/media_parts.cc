#include "server/surfaces/openai/media_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/base64.h"

namespace caprock::server::openai {

using base::failure;
using base::invalid_argument;
using base::Result;

namespace {

constexpr std::array<std::string_view, 4> kImageFormats{"png", "jpeg", "gif", "webp"};

using Type = std::pair<std::string_view, std::string_view>;
constexpr std::array<Type, 9> kFileFormats{
    Type{"application/pdf", "pdf"},
    Type{"text/plain", "txt"},
    Type{"text/markdown", "md"},
    Type{"text/html", "html"},
    Type{"text/csv", "csv"},
    Type{"application/msword", "doc"},
    Type{"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"},
    Type{"application/vnd.ms-excel", "xls"},
    Type{"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"}};

struct DataUrl {
  std::string type;  ///< "image/png"
  std::string bytes;
};

Result<DataUrl> read_data_url(std::string_view url, const std::string& path) {
  const std::size_t mark = url.find(";base64,");
  if (!url.starts_with("data:") || mark == std::string_view::npos)
    return failure(invalid_argument(path, fmt::format("'{}' must be a data URL in base64.", path)));
  auto bytes = base::base64_decode(url.substr(mark + 8));
  if (!bytes || bytes->empty())
    return failure(invalid_argument(path, fmt::format("'{}' holds no base64.", path)));
  return DataUrl{std::string(url.substr(5, mark - 5)), std::move(*bytes)};
}

}  // namespace

Result<llm::ImageBlock> read_image_url(std::string url, const std::string& path) {
  llm::ImageBlock block;
  if (url.starts_with("https://") || url.starts_with("http://")) {
    block.source.uri = std::move(url);
    return block;
  }
  CAPROCK_TRY(auto data, read_data_url(url, path));
  block.format = data.type.starts_with("image/") ? data.type.substr(6) : data.type;
  if (block.format == "jpg") block.format = "jpeg";
  if (std::ranges::find(kImageFormats, block.format) == kImageFormats.end())
    return failure(invalid_argument(
        path, fmt::format("'{}' is of type {}; png, jpeg, gif and webp are read.", path, data.type)));
  block.source.bytes = std::move(data.bytes);
  return block;
}

Result<llm::DocumentBlock> read_file_data(const std::string& url, std::string name, const std::string& path) {
  CAPROCK_TRY(auto data, read_data_url(url, path));
  const auto found = std::ranges::find(kFileFormats, data.type, &Type::first);
  if (found == kFileFormats.end())
    return failure(invalid_argument(
        path,
        fmt::format("'{}' is of type {}; application/pdf, Word, Excel, text/csv, text/html, text/plain and "
                    "text/markdown are read.",
                    path, data.type)));
  llm::DocumentBlock block{.format = std::string(found->second), .name = std::move(name)};
  if (block.name.empty()) block.name = "document." + block.format;
  block.source.bytes = std::move(data.bytes);
  return block;
}

}  // namespace caprock::server::openai
