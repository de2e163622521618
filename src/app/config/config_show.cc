#include <fmt/format.h>

#include <boost/json/value.hpp>
#include "base/json/json_text.h"

#include "app/config/config.h"
#include "app/config/setting_value.h"

namespace caprock::app {
namespace {

namespace json = boost::json;
using base::Setting;

bool hidden(const Setting& setting) {
  const std::string value = toml_value(setting);
  return is_secret(setting) && value != "\"\"" && value != "[]";
}

struct JsonForm {
  json::value operator()(const bool* v) const { return *v; }
  json::value operator()(const std::int64_t* v) const { return *v; }
  json::value operator()(const double* v) const { return *v; }
  json::value operator()(const std::string* v) const { return json::value(*v); }
  json::value operator()(const std::vector<std::string>* v) const {
    json::array items;
    for (const std::string& item : *v) items.emplace_back(item);
    return items;
  }
  json::value operator()(const base::Bytes* v) const { return json::value(format_bytes(*v)); }
  json::value operator()(const std::chrono::milliseconds* v) const {
    return json::value(format_duration(*v));
  }
  json::value operator()(const base::Secret* v) const { return json::value(v->empty() ? "" : "***"); }
  json::value operator()(const std::vector<base::Secret>* v) const {
    json::array items;
    for (std::size_t i = 0; i < v->size(); ++i) items.emplace_back("***");
    return items;
  }
};

}  // namespace

std::string Config::to_toml() const {
  std::string out;
  for (const base::SettingsSection& section : sections_) {
    if (!out.empty()) out += '\n';
    out += fmt::format("# {}\n[{}]\n", section.help, section.name);
    for (const Setting& setting : section.settings)
      out += fmt::format("{}{} = {}  # {}\n", hidden(setting) ? "# " : "", setting.key, toml_value(setting),
                         origin(section.name + "." + setting.key).text());
  }
  return out;
}

std::string Config::to_json() const {
  json::object all;
  for (const base::SettingsSection& section : sections_) {
    json::object items;
    for (const Setting& setting : section.settings)
      items[setting.key] = {{"value", std::visit(JsonForm{}, setting.target)},
                            {"origin", origin(section.name + "." + setting.key).text()},
                            {"help", setting.help}};
    all[section.name] = std::move(items);
  }
  return base::json_text(all);
}

}  // namespace caprock::app
