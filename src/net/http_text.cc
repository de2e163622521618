#include "net/http_text.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

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

constexpr bool is_value_byte(unsigned char c) { return (c >= 0x20 && c != 0x7f) || c == '\t'; }

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
  // Eight bytes at a time where all are printable ASCII, as nearly all are.
  while (text.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), 8);
    constexpr std::uint64_t kOnes = 0x0101010101010101;
    const std::uint64_t below_space =
        (word - kOnes * 0x20) | word;  // the high bit of a byte is set, too, for what is not ASCII
    const std::uint64_t is_delete = (word ^ (kOnes * 0x7f)) - kOnes;
    if (((below_space | is_delete) & (kOnes * 0x80)) != 0 &&
        !std::ranges::all_of(text.substr(0, 8), is_value_byte))
      return false;
    text.remove_prefix(8);
  }
  return std::ranges::all_of(text, is_value_byte);
}

}  // namespace caprock::net
