#include "stores/filter.h"

#include <algorithm>

namespace caprock::stores {
namespace {

using Op = Filter::Op;

bool compare(Op op, const MetadataScalar& left, const MetadataScalar& right) {
  if (left.index() != right.index()) return false;
  switch (op) {
    case Op::kEq:
      return left == right;
    case Op::kGt:
      return left > right;
    case Op::kGte:
      return left >= right;
    case Op::kLt:
      return left < right;
    case Op::kLte:
      return left <= right;
    default:
      return false;
  }
}

// The elements of a value: a scalar is a list of one.
std::vector<MetadataScalar> elements(const MetadataValue& value) {
  if (const auto* list = std::get_if<std::vector<MetadataScalar>>(&value)) return *list;
  if (const auto* flag = std::get_if<bool>(&value)) return {*flag};
  if (const auto* number = std::get_if<double>(&value)) return {*number};
  return {std::get<std::string>(value)};
}

bool any(const Filter& filter, const std::vector<MetadataScalar>& have, Op op) {
  return std::ranges::any_of(have, [&](const MetadataScalar& left) {
    return std::ranges::any_of(filter.values,
                               [&](const MetadataScalar& right) { return compare(op, left, right); });
  });
}

bool holds(const Filter& filter, const MetadataValue& value) {
  const auto have = elements(value);
  switch (filter.op) {
    case Op::kIn:
      return any(filter, have, Op::kEq);
    case Op::kNe:
    case Op::kNin:
      return !any(filter, have, Op::kEq);
    default:
      return any(filter, have, filter.op);
  }
}

}  // namespace

bool matches(const Filter& filter, const Metadata& metadata) {
  const auto child = [&](const Filter& f) { return matches(f, metadata); };
  if (filter.op == Op::kAnd) return std::ranges::all_of(filter.children, child);
  if (filter.op == Op::kOr) return std::ranges::any_of(filter.children, child);
  const auto found = metadata.find(filter.field);
  if (found == metadata.end()) return filter.op == Op::kNe || filter.op == Op::kNin;
  return holds(filter, found->second);
}

}  // namespace caprock::stores
