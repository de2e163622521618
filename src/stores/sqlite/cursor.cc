#include "stores/sqlite/cursor.h"

namespace caprock::stores {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

base::Error bad_cursor() {
  return base::invalid_argument("cursor",
                                "cursor is not a next_cursor of this listing; leave it out to start again");
}

}  // namespace

std::string make_cursor(char listing, std::string_view position) {
  std::string cursor(1, listing);
  for (const char c : position) {
    const auto byte = static_cast<unsigned char>(c);
    cursor += kDigits[byte >> 4];
    cursor += kDigits[byte & 15];
  }
  return cursor;
}

base::Result<std::string> read_cursor(char listing, std::string_view cursor, std::string start) {
  if (cursor.empty()) return start;
  if (cursor.front() != listing || cursor.size() % 2 == 0) return base::failure(bad_cursor());
  std::string position;
  for (std::size_t i = 1; i < cursor.size(); i += 2) {
    const std::size_t high = kDigits.find(cursor[i]);
    const std::size_t low = kDigits.find(cursor[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return base::failure(bad_cursor());
    position += static_cast<char>(high << 4 | low);
  }
  return position;
}

}  // namespace caprock::stores
