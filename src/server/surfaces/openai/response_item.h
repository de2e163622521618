#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "llm/content.h"

namespace caprock::server::openai {

/// An item of a response's output while it grows.
struct ResponseItem {
  enum class Kind : std::uint8_t { kText, kRefusal, kReasoning, kCall, kImage };
  Kind kind = Kind::kText;
  std::string id = {};
  std::int64_t index = 0;  ///< in the output
  bool part_open = false;  ///< of its content or summary
  bool closed = false;
  std::string text = {};  ///< of a text, refusal or the arguments of a call
  boost::json::array annotations = {};
  llm::ReasoningBlock thought = {};
  std::string call_id = {};
  std::string name = {};
  llm::ImageBlock image = {};

  /// "msg_", "rs_", "fc_", "ig_".
  static std::string_view prefix(Kind kind);
  /// The item as the API shows it; `status`: in_progress, completed, incomplete.
  boost::json::object json(std::string_view status) const;
  /// The part of its content or summary, as it stands.
  boost::json::object part() const;
};

}  // namespace caprock::server::openai
