#pragma once

#include <string_view>

#include "server/surfaces/bedrock/bedrock_routes.h"
#include "server/surfaces/bedrock/native_pass.h"

// What each route does. Inside this folder only.
namespace caprock::server::bedrock {

using Done = base::Awaitable<base::Result<void>>;

/// As every answer of AWS names its request.
Headers headers_of(const Exchange& x, std::string_view content_type = "application/json");
/// Passes the request on; the path's first label is the model.
Done pass_model_call(const BedrockParts& parts, Exchange& x, llm::NativeOperation operation);

// To a model of Bedrock as they come; to others translated.
Done converse(const BedrockParts& parts, Exchange& x);
Done converse_stream(const BedrockParts& parts, Exchange& x);
Done invoke(const BedrockParts& parts, Exchange& x);
Done invoke_stream(const BedrockParts& parts, Exchange& x);
Done count_tokens(const BedrockParts& parts, Exchange& x);
Done rerank(const BedrockParts& parts, Exchange& x);

// Bedrock's alone.
Done apply_guardrail(const BedrockParts& parts, Exchange& x);
Done start_async_invoke(const BedrockParts& parts, Exchange& x);
Done get_async_invoke(const BedrockParts& parts, Exchange& x);
Done list_async_invokes(const BedrockParts& parts, Exchange& x);

// The control plane: what can be asked here.
Done list_foundation_models(const BedrockParts& parts, Exchange& x);
Done get_foundation_model(const BedrockParts& parts, Exchange& x);
Done list_inference_profiles(const BedrockParts& parts, Exchange& x);
Done get_inference_profile(const BedrockParts& parts, Exchange& x);

}  // namespace caprock::server::bedrock
