#pragma once

#include <boost/json/value.hpp>
#include <string>

#include "base/result.h"
#include "llm/chat_request.h"

namespace caprock::server::bedrock {

/// The body of Converse or ConverseStream for the model that the path names. Errors: kInvalidArgument with
/// the path of the member. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
base::Result<llm::ChatRequest> read_converse(const boost::json::value& body, std::string model, bool stream);

}  // namespace caprock::server::bedrock
