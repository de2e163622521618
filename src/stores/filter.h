#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "stores/types.h"

namespace caprock::stores {

/// A condition on a document's metadata. On the wire:
/// {"and":[{"year":{"gte":2020}},{"tag":{"in":["a","b"]}}]}.
struct Filter {
  enum class Op : std::uint8_t { kAnd, kOr, kEq, kNe, kGt, kGte, kLt, kLte, kIn, kNin };
  Op op = Op::kAnd;
  std::vector<Filter> children;        ///< of kAnd and kOr; an empty kAnd holds for everything
  std::string field;                   ///< of the comparisons
  std::vector<MetadataScalar> values;  ///< one for eq…lte, any number for in and nin
};

/// Whether the filter holds. A field that is missing fulfils only `ne` and `nin`. A list fulfils a comparison
/// when one of its elements does (`ne` and `nin`: when none equals). Values of different types are unequal
/// and unordered.
bool matches(const Filter& filter, const Metadata& metadata);

}  // namespace caprock::stores
