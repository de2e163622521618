#include "server/surfaces/openai/sealed_thought.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/base64.h"
#include "base/json/json_text.h"
#include "base/json/members.h"

namespace caprock::server::openai {

namespace json = boost::json;
using base::Result;

namespace {

constexpr std::string_view kMark = "cprk1.";  // with the version of what follows

Result<llm::ReasoningBlock> read(const json::object& object) {
  const base::Members members(object, "");
  llm::ReasoningBlock thought;
  CAPROCK_TRY(thought.text, members.text("text"));
  CAPROCK_TRY(thought.signature, members.text("signature"));
  CAPROCK_TRY(thought.redacted, members.text("redacted"));
  CAPROCK_TRY(thought.id, members.text("id"));
  CAPROCK_TRY(thought.format, members.text("format"));
  return thought;
}

}  // namespace

std::string seal_thought(const llm::ReasoningBlock& thought) {
  json::object out;
  const std::pair<std::string_view, const std::string&> members[] = {{"text", thought.text},
                                                                     {"signature", thought.signature},
                                                                     {"redacted", thought.redacted},
                                                                     {"id", thought.id},
                                                                     {"format", thought.format}};
  for (const auto& [name, value] : members)
    if (!value.empty()) out[name] = value;
  return std::string(kMark) + base::base64_encode(base::json_text(out));
}

Result<llm::ReasoningBlock> open_thought(std::string_view sealed, const std::string& path) {
  const auto bytes =
      sealed.starts_with(kMark) ? base::base64_decode(sealed.substr(kMark.size())) : std::nullopt;
  const auto value = bytes ? base::parse_json(*bytes, 2) : Result<json::value>(json::value());
  if (value && value->is_object()) {
    if (auto thought = read(value->get_object())) return thought;
  }
  return base::failure(base::invalid_argument(
      path, fmt::format("'{}' was not made here: it must come back as it was given.", path)));
}

}  // namespace caprock::server::openai
