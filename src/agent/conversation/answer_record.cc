#include "agent/conversation/answer_record.h"

#include <boost/json.hpp>

#include "base/json/json_text.h"
#include "rag/wire/render.h"

namespace caprock::agent {

std::string answer_record(const rag::Answer& answer, std::uint64_t reply_to) {
  return base::json_text(boost::json::object{
      {"reply_to", reply_to},
      {"sources", rag::sources_json(answer.passages)},
      {"citations", rag::citations_json(answer.citations)},
      {"token_usage", rag::usage_json(answer.usage)},
      {"abstained", answer.abstained},
      {"reason", answer.reason.empty() ? boost::json::value(nullptr) : boost::json::value(answer.reason)}});
}

std::optional<std::uint64_t> reply_to_of(const std::string& record_json) {
  const auto parsed = base::parse_json(record_json);
  if (!parsed || !parsed->is_object()) return {};
  const auto* number = parsed->get_object().if_contains("reply_to");
  if (number == nullptr || !number->is_int64()) return {};
  return static_cast<std::uint64_t>(number->get_int64());
}

}  // namespace caprock::agent
