#pragma once

#include <boost/json/object.hpp>
#include <string_view>

#include "base/result.h"
#include "llm/chat_events.h"

namespace caprock::server::bedrock {

// llm:: in the words of Converse, as a reply or a stream shows it.

/// A content block of a whole reply. kUpstream when the model's arguments of a tool are no JSON object.
base::Result<boost::json::object> block_json(const llm::ContentBlock& block);
boost::json::object citation_json(const llm::Citation& citation);
boost::json::object source_json(const llm::MediaSource& source);
/// A piece of a tool's result, in a stream or a reply.
boost::json::object result_piece_json(const llm::ToolResultContent& content);
std::string_view stop_reason_name(llm::StopReason reason);
boost::json::object usage_json(const llm::Usage& usage);
/// usage (absent when the provider did not say: a zero would be taken for a fact), metrics, trace,
/// performanceConfig, serviceTier.
void add_metadata(boost::json::object& out, const llm::StreamMetadata& metadata,
                  std::int64_t measured_latency_ms);
/// additionalModelResponseFields, where there are any.
void add_extra(boost::json::object& out, const llm::MessageStop& stop);

}  // namespace caprock::server::bedrock
