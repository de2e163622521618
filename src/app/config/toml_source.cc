#include "app/config/toml_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/toml/toml.h"

namespace caprock::app {
namespace {

std::optional<RawValue> texts_of(const toml::array& array) {
  std::vector<std::string> items;
  for (const toml::node& node : array) {
    const toml::value<std::string>* text = node.as_string();
    if (text == nullptr) return std::nullopt;
    items.push_back(text->get());
  }
  return items;
}

std::optional<RawValue> raw_value(const toml::node& node) {
  if (const auto* v = node.as_boolean()) return v->get();
  if (const auto* v = node.as_integer()) return std::int64_t{v->get()};
  if (const auto* v = node.as_floating_point()) return v->get();
  if (const auto* v = node.as_string()) return v->get();
  if (const auto* v = node.as_array()) return texts_of(*v);
  return std::nullopt;
}

void collect(const toml::table& table, const std::string& section, std::vector<TomlEntry>& out) {
  if (!section.empty()) out.push_back({section, "", std::nullopt, table.source().begin.line});
  for (const auto& [key, node] : table) {
    const std::string name(key.str());
    if (const toml::table* inner = node.as_table())
      collect(*inner, section.empty() ? name : fmt::format("{}.{}", section, name), out);
    else
      out.push_back({section, name, raw_value(node), key.source().begin.line});
  }
}

}  // namespace

TomlFile read_toml(std::string_view text) {
  TomlFile file;
  const auto parsed = base::parse_toml(text);
  if (!parsed) {
    file.problem = TomlProblem{parsed.error().line, parsed.error().message};
    return file;
  }
  collect(*parsed, "", file.entries);
  std::ranges::sort(file.entries, {}, [](const TomlEntry& e) { return std::tie(e.line, e.section, e.key); });
  return file;
}

}  // namespace caprock::app
