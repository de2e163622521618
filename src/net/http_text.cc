#include "net/http_text.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace caprock::net {
namespace {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr auto kTokenBytes = [] {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table.at(static_cast<std::size_t>(c)) = true;
  for (int c = 'a'; c <= 'z'; ++c) table.at(static_cast<std::size_t>(c)) = true;
  for (int c = 'A'; c <= 'Z'; ++c) table.at(static_cast<std::size_t>(c)) = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) table.at(static_cast<unsigned char>(c)) = true;
  return table;
}();

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) { return kTokenBytes[c]; });
}

bool is_field_value(std::string_view text) {
  return std::ranges::none_of(text, [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; });
}

}  // namespace caprock::net
