#pragma once

#include "base/result.h"
#include "llm/chat_request.h"
#include "net/http_client.h"

namespace caprock::providers::bedrock::invoke {

/// What of a request is no part of the model's body but of the invocation: guardrail, tier, latency and
/// metadata. kInvalidArgument for what the headers cannot say.
/// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html
base::Result<net::HttpHeaders> invoke_headers(const llm::ChatRequest& request, bool user_in_body);

}  // namespace caprock::providers::bedrock::invoke
