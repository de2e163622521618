#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json/members.h"
#include "base/result.h"
#include "llm/message.h"

namespace caprock::server::anthropic {

/// Blocks, and where each stood in the body.
struct PlacedBlocks {
  std::vector<llm::ContentBlock> blocks = {};
  std::vector<std::string> places = {};
  void add(llm::ContentBlock block, std::string place) {
    blocks.push_back(std::move(block));
    places.push_back(std::move(place));
  }
};

/// Members that nobody knows, by their paths.
using Ignored = std::vector<std::string>;

/// Notes the members of an object that are not among `known`.
void note_unknown(Ignored& ignored, const boost::json::object& object, const std::string& path,
                  std::initializer_list<std::string_view> known);

/// The cache point that `cache_control` asks for, if it does. kInvalidArgument with the path.
base::Result<std::optional<llm::CachePointBlock>> read_cache_control(const base::Members& of);

/// `content` of a message: a string or blocks. A cache_control stands behind its block as a cache point; one
/// within a tool's result stands behind the whole result, for the vocabulary knows no place within.
/// kInvalidArgument with the path; blocks that a role cannot have, and those of tools that Anthropic's
/// servers run, are refused by name.
/// https://docs.claude.com/en/api/messages
base::Result<PlacedBlocks> read_content(const boost::json::value& content, const std::string& path,
                                        llm::Role role, Ignored& ignored);

}  // namespace caprock::server::anthropic
