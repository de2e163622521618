#pragma once

#include <boost/json/array.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "llm/content.h"
#include "providers/openai_compatible/dialect.h"

namespace caprock::providers::openai {

/// Content parts of one message, with cache points on the part before them.
class ContentParts {
 public:
  /// `path` is that of the content, for messages: "messages[2].content". Both must outlive it.
  ContentParts(const Dialect& dialect, const std::string& path) : dialect_(dialect), path_(path) {}

  /// kInvalidArgument with the block's path when the dialect has no part for it.
  base::Result<void> add(const llm::ContentBlock& block, std::size_t index);
  bool empty() const { return parts_.empty(); }
  /// A single plain text as a string, which every server takes; else the parts.
  boost::json::value take();

 private:
  base::Result<void> add_text(const llm::TextBlock& block, const std::string& field);
  base::Result<void> add_image(const llm::ImageBlock& block, const std::string& field);
  base::Result<void> add_document(const llm::DocumentBlock& block, const std::string& field);
  base::Result<void> add_audio(const llm::AudioBlock& block, const std::string& field);
  base::Result<void> add_cache_point(const llm::CachePointBlock& block, const std::string& field);

  const Dialect& dialect_;
  const std::string& path_;
  boost::json::array parts_;
};

}  // namespace caprock::providers::openai
