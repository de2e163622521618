#pragma once

#include <boost/json/fwd.hpp>
#include <string>

#include "server/errors.h"

namespace caprock::server {

/// An error in the dialect of OpenAI: {"error":{"message","type","param","code"}}. A prompt that is too long
/// is 400 with code "context_length_exceeded", never mistaken for throttling (429). `x-should-retry` tells
/// the SDKs what they cannot know from the status.
RenderedError render_openai_error(const base::Error& error);

/// The error alone: {"message","type","param","code"}.
boost::json::object openai_error_object(const base::Error& error);

/// The body alone, for the last event of a stream that broke.
std::string openai_error_json(const base::Error& error);

}  // namespace caprock::server
