#pragma once

#include <boost/json/value.hpp>

#include "base/result.h"
#include "llm/chat_request.h"

namespace caprock::server::openai {

/// `input` of a response (a text, or items) into `request`: what the assistant says, thinks and calls in a
/// row becomes one message, so do outputs of functions that follow each other, with what the user says after
/// them. Items of tools that OpenAI runs, and references to stored items, are refused by name.
base::Result<void> read_response_input(const boost::json::value& input, llm::ChatRequest& request);

}  // namespace caprock::server::openai
