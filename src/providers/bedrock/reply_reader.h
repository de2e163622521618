#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "llm/chat_events.h"

namespace caprock::providers::bedrock {

/// What a reader reads when Bedrock's JSON is not as the service model says: `detail` is for the log.
base::Error unreadable(std::string detail);

// Members of an object; empty, zero or null where they are missing or of another type.
std::string text_of(const boost::json::object& object, std::string_view name);
std::int64_t number_of(const boost::json::object& object, std::string_view name);
const boost::json::object* object_of(const boost::json::object& object, std::string_view name);
const boost::json::array* array_of(const boost::json::object& object, std::string_view name);

llm::Usage read_usage(const boost::json::object& usage);
/// Nothing for a reason that is not known: it must not pass for one that is.
std::optional<llm::StopReason> read_stop_reason(std::string_view name);
/// Of a delta or a whole citation.
llm::Citation read_citation(const boost::json::object& citation);
llm::MessageStop read_extra(const boost::json::object& object, llm::StopReason reason);
llm::StreamMetadata read_metadata(const boost::json::object& object);
/// An image as ImageSource has it: bytes or an S3 location.
base::Result<llm::MediaSource> read_source(const boost::json::object& source);

}  // namespace caprock::providers::bedrock
