#include "rag/parse/text/entities.h"

#include <array>
#include <charconv>
#include <cstdint>

#include "base/utf8.h"

namespace caprock::rag {
namespace {

constexpr std::size_t kLongest = 12;

// The character of `name` ("amp", "#8217", "#x2019"), or 0.
char32_t character_of(std::string_view name) {
  struct Entity {
    std::string_view name;
    char32_t character;
  };
  constexpr std::array kEntities{Entity{"amp", '&'},  Entity{"lt", '<'},    Entity{"gt", '>'},
                                 Entity{"quot", '"'}, Entity{"apos", '\''}, Entity{"nbsp", 0xA0}};
  for (const Entity& entity : kEntities)
    if (entity.name == name) return entity.character;
  if (!name.starts_with('#')) return 0;
  name.remove_prefix(1);
  const bool hex = name.starts_with('x') || name.starts_with('X');
  if (hex) name.remove_prefix(1);
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), value, hex ? 16 : 10);
  const bool valid = error == std::errc{} && end == name.data() + name.size() && value <= 0x10FFFF &&
                     (value < 0xD800 || value > 0xDFFF);
  return valid ? value : 0;
}

}  // namespace

std::string unescape_entities(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t end = text[i] == '&' ? text.substr(i, kLongest).find(';') : std::string_view::npos;
    const char32_t character = end == std::string_view::npos ? 0 : character_of(text.substr(i + 1, end - 1));
    if (character == 0) {
      out += text[i];
      continue;
    }
    base::append_utf8(out, character);
    i += end;
  }
  return out;
}

}  // namespace caprock::rag
