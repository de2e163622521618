#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "llm/chat_request.h"

namespace caprock::server::openai {

/// The body of POST /v1/responses.
struct ResponseBody {
  llm::ChatRequest request;
  boost::json::object echo;          ///< what the reply repeats of the request, by the reply's names
  std::vector<std::string> ignored;  ///< members that nobody knows
};

/// kInvalidArgument with the path as OpenAI writes it ("input[1].content[0].type"). Nothing is stored here:
/// what needs an earlier response (previous_response_id, conversation, store, background, …) is refused by
/// name, with what would be right; so are tools that OpenAI runs.
/// https://platform.openai.com/docs/api-reference/responses/create
base::Result<ResponseBody> read_response_body(const boost::json::value& body);

}  // namespace caprock::server::openai
