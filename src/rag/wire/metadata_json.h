#pragma once

#include <boost/json/fwd.hpp>
#include <string>

#include "base/result.h"
#include "stores/types.h"

namespace caprock::rag {

inline constexpr std::size_t kMaxMetadataKeys = 64;
inline constexpr std::size_t kMaxMetadataName = 128;   ///< code points
inline constexpr std::size_t kMaxMetadataText = 2000;  ///< code points
inline constexpr std::size_t kMaxMetadataItems = 100;  ///< of a list

/// A document's metadata: one level of strings, numbers, booleans and lists of them, as the vector engines of
/// AWS take it too. kInvalidArgument names the entry ("metadata.author").
base::Result<stores::Metadata> read_metadata(const boost::json::value& value, const std::string& path);
/// One string, number or boolean.
base::Result<stores::MetadataScalar> read_scalar(const boost::json::value& value, const std::string& path);
boost::json::object metadata_schema();
boost::json::object scalar_schema();
boost::json::object metadata_json(const stores::Metadata& metadata);

}  // namespace caprock::rag
