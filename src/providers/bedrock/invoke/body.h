#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json/json_writer.h"
#include "base/result.h"
#include "llm/chat_request.h"

namespace caprock::providers::bedrock::invoke {

// Members of a body that are left out when the caller did not set them.
void write_number(base::JsonWriter& out, std::string_view name, const std::optional<std::int64_t>& value);
void write_number(base::JsonWriter& out, std::string_view name, const std::optional<double>& value);
void write_texts(base::JsonWriter& out, std::string_view name, const std::vector<std::string>& values);

/// `body`, an object, with the members of additionalModelRequestFields behind its own. kInvalidArgument when
/// these are no object, or have a member that the body has already.
base::Result<std::string> with_additional_fields(std::string body, const llm::ChatRequest& request);

}  // namespace caprock::providers::bedrock::invoke
