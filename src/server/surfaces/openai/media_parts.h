#pragma once

#include <string>

#include "base/result.h"
#include "llm/content.h"

namespace caprock::server::openai {

// Images and files as chat completions and responses carry them. Errors: kInvalidArgument at `path`.

/// An image by its address, or in a data URL (png, jpeg, gif, webp).
base::Result<llm::ImageBlock> read_image_url(std::string url, const std::string& path);
/// A file in a data URL: PDF, Word, Excel, CSV, HTML, text, Markdown. `name` may be empty.
base::Result<llm::DocumentBlock> read_file_data(const std::string& url, std::string name,
                                                const std::string& path);

}  // namespace caprock::server::openai
