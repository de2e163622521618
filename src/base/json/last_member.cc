#include "base/json/last_member.h"

#include <boost/json/value.hpp>
#include <cstddef>

#include "base/json/json_text.h"

namespace caprock::base {
namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr auto kNone = std::string_view::npos;

// Where the string begins whose closing quote is at `end`. Within a string each quote has a backslash before
// it; before an opening quote there can be none.
std::size_t opening_quote(std::string_view text, std::size_t end) {
  for (std::size_t at = end; at > 0;) {
    at = text.rfind('"', at - 1);
    if (at == kNone || at == 0 || text[at - 1] != '\\') return at;
  }
  return kNone;
}

// The value of the member whose name ends before `from` and whose next sibling begins at `to`; nothing when a
// colon does not follow.
std::string_view value_between(std::string_view text, std::size_t from, std::size_t to) {
  const std::size_t colon = text.find_first_not_of(kSpace, from);
  if (colon >= to || text[colon] != ':') return {};
  const std::size_t first = text.find_first_not_of(kSpace, colon + 1);
  if (first >= to) return {};
  const std::size_t last = text.find_last_not_of(kSpace, to - 1);
  return text.substr(first, last + 1 - first);
}

}  // namespace

std::string_view last_member(std::string_view text, std::string_view name) {
  const std::size_t brace = text.find_last_not_of(kSpace);
  if (brace == kNone || text[brace] != '}') return {};
  std::size_t depth = 1;
  std::size_t value_end = brace;
  for (std::size_t at = brace; at-- > 0;) {
    switch (text[at]) {
      case '}':
      case ']':
        ++depth;
        break;
      case '{':
      case '[':
        if (--depth == 0) return {};
        break;
      case ',':
        if (depth == 1) value_end = at;
        break;
      case '"': {
        const std::size_t open = opening_quote(text, at);
        if (open == kNone) return {};
        if (depth == 1 && text.substr(open + 1, at - open - 1) == name) {
          const std::string_view value = value_between(text, at + 1, value_end);
          if (!value.empty()) return value;
        }
        at = open;
        break;
      }
      default:
        break;
    }
  }
  return {};
}

std::string last_text(std::string_view text, std::string_view name) {
  const std::string_view found = last_member(text, name);
  if (!found.starts_with('"')) return {};
  const auto parsed = parse_json(found);
  return parsed && parsed->is_string() ? std::string(parsed->get_string()) : std::string();
}

}  // namespace caprock::base
