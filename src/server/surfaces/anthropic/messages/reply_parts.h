#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "llm/chat_model.h"

namespace caprock::server::anthropic {

// llm:: in Anthropic's words, as a reply or a stream shows it.

/// Nothing for an end that the dialect cannot tell.
std::optional<std::string_view> stop_reason_name(llm::StopReason reason);

/// `usage` with the cache writes by ttl. Numbers that the provider did not tell are null, not zero.
boost::json::object usage_json(const llm::StreamMetadata& metadata);

/// A block of a whole reply. kUpstream for one that the dialect does not have.
base::Result<boost::json::object> block_json(const llm::ContentBlock& block);

}  // namespace caprock::server::anthropic
