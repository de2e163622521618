#pragma once

#include <string>
#include <string_view>

#include "server/errors.h"

namespace caprock::server {

/// An error in the shape of AWS's REST JSON: the type in `x-amzn-errortype`, {"message"} as the body. The
/// message names the field. A prompt that is too long is the ValidationException that SDKs and frameworks
/// look for by its words, never throttling; an unknown model is one too, as with AWS. What a provider said of
/// itself (base::ErrorCause) chooses between Bedrock's names.
RenderedError render_bedrock_error(const base::Error& error, const base::RequestId& request_id);

/// The exception that ends a stream of ConverseStream ("throttlingException"), and its payload.
std::string_view bedrock_stream_exception(const base::Error& error);
std::string bedrock_error_json(const base::Error& error);

}  // namespace caprock::server
