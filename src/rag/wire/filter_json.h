#pragma once

#include <boost/json/fwd.hpp>
#include <string>

#include "base/result.h"
#include "stores/filter.h"

namespace caprock::rag {

inline constexpr std::size_t kMaxFilterDepth = 16;        ///< levels of and/or
inline constexpr std::size_t kMaxFilterConditions = 256;  ///< comparisons and groups in all
inline constexpr std::size_t kMaxFilterValues = 1000;     ///< of one `in` or `nin`

/// {"and":[{"year":{"gte":2020}},{"tag":{"in":["a","b"]}}]}: `and` and `or` take lists, every other name is a
/// metadata field with an object of operators (eq ne gt gte lt lte in nin). Several names, or several
/// operators, must all hold. kInvalidArgument names the place ("filter.and[0].year") and, for an unknown
/// operator, the known.
base::Result<stores::Filter> read_filter(const boost::json::value& value, const std::string& path);
/// The schemas "Filter" and "FilterCondition", which refer to each other under `#/components/schemas/`.
boost::json::object filter_schema();
boost::json::object filter_condition_schema();

}  // namespace caprock::rag
