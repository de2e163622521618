#pragma once

#include <string>

#include "server/errors.h"

namespace caprock::server {

/// An error in the dialect of Anthropic: {"type":"error","error":{"type","message"},"request_id"}. The
/// message names the field. A prompt that is too long is the invalid_request_error that clients look for by
/// its words, never throttling (429); a provider that is overloaded is 529. `x-should-retry` tells the SDKs
/// what they cannot know from the status. https://docs.claude.com/en/api/errors
RenderedError render_anthropic_error(const base::Error& error, const base::RequestId& request_id);

/// The body alone, for the last event of a stream that broke.
std::string anthropic_error_json(const base::Error& error, const base::RequestId& request_id);

}  // namespace caprock::server
