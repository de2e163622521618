#pragma once

#include <string_view>

#include "base/error.h"
#include "llm/chat_request.h"

namespace caprock::server::rest {

/// The sampling parameter, among those that are set, that `error` says the model does not take: "top_k",
/// "top_p", "temperature"; empty when the error is about something else, a value out of its range included.
/// Where two exclude each other, temperature stays. Pure.
std::string_view not_taken(const base::Error& error, const llm::InferenceSettings& settings);

/// Leaves the parameter of that name to the model.
void leave_out(std::string_view parameter, llm::InferenceSettings& settings);

}  // namespace caprock::server::rest
