#pragma once

#include <boost/json/object.hpp>
#include <memory>
#include <optional>
#include <string>

#include "providers/bedrock/invoke/codec.h"

namespace caprock::providers::bedrock::invoke {

/// What one body, or one chunk, of a family that answers with text alone says.
struct TextPiece {
  std::string text = {};
  std::optional<llm::StopReason> stop = {};
  std::optional<std::int64_t> input_tokens = {};
  std::optional<std::int64_t> output_tokens = {};
};

/// How such a family's replies are read. Each function reads one JSON object.
struct TextForm {
  base::Result<TextPiece> (*whole)(const boost::json::object& body);
  base::Result<TextPiece> (*chunk)(const boost::json::object& chunk);
};

std::unique_ptr<ReplyReader> read_text(const TextForm& form);

/// The reason that `name` stands for in `known`, nothing for null. kUpstream for a word that is not known: it
/// must not pass for one that is.
struct StopWord {
  std::string_view word;
  llm::StopReason reason;
};
base::Result<std::optional<llm::StopReason>> stop_in(const boost::json::object& object, std::string_view name,
                                                     std::initializer_list<StopWord> known);
/// The model said that it failed.
base::Error model_failed(std::string detail);
/// A member that may be missing or null.
std::optional<std::int64_t> count_in(const boost::json::object& object, std::string_view name);
/// The one object of a list that must have one.
base::Result<const boost::json::object*> only_of(const boost::json::object& object, std::string_view name);

}  // namespace caprock::providers::bedrock::invoke
