#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "llm/message.h"
#include "stores/types.h"

namespace caprock::stores {

// What a column holds of a value that has no column type of its own. Reading gives kInternal when the bytes
// are not what was written.

/// JSON with sorted keys: equal metadata is equal text.
std::string encode_metadata(const Metadata& metadata);
base::Result<Metadata> decode_metadata(std::string_view json);

/// Microseconds since 1970.
std::int64_t encode_time(base::WallTime time);
base::WallTime decode_time(std::int64_t micros);

/// Four f32 a box.
std::string encode_boxes(const std::vector<LineBox>& boxes);
std::vector<LineBox> decode_boxes(std::span<const std::byte> bytes);

/// A JSON array of blocks with every byte of them: tool input and reasoning signatures unchanged, binary as
/// base64.
std::string encode_message(const llm::Message& message);
base::Result<llm::Message> decode_message(std::string_view json);

inline std::span<const std::byte> as_bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

}  // namespace caprock::stores
