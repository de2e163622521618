#include "gateway/routing.h"

#include <fmt/format.h>

#include <algorithm>

namespace caprock::gateway {
namespace {

using base::failure;
using base::Result;

constexpr std::size_t kMostTargets = 16;  // a chain longer than this is a mistake, not a plan

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

base::Error wrong(std::string_view setting, std::string_view entry, std::string_view why) {
  const auto dot = setting.find('.');
  return base::invalid_argument(
      std::string(setting),
      fmt::format("[{}] {}: \"{}\" {}", setting.substr(0, dot), setting.substr(dot + 1), entry, why));
}

struct Entry {
  std::string name;
  std::vector<std::string> models;
};

Result<Entry> read_entry(std::string_view setting, const std::string& text) {
  const auto equals = text.find('=');
  Entry entry{.name = std::string(trimmed(std::string_view(text).substr(0, equals)))};
  if (equals == std::string::npos || entry.name.empty())
    return failure(wrong(setting, text, "must be NAME = MODEL | MODEL"));
  std::string_view rest = std::string_view(text).substr(equals + 1);
  while (true) {
    // A list in the environment is cut at its commas before it comes here.
    const auto comma = rest.find_first_of("|,");
    const std::string_view model = trimmed(rest.substr(0, comma));
    if (model.empty())
      return failure(wrong(setting, text, "leads to nothing: a model is missing after '=' or '|'"));
    entry.models.emplace_back(model);
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  if (entry.models.size() > kMostTargets) return failure(wrong(setting, text, "names more than 16 models"));
  return entry;
}

Result<std::map<std::string, std::vector<std::string>>> read_entries(std::string_view setting,
                                                                     const std::vector<std::string>& texts) {
  std::map<std::string, std::vector<std::string>> out;
  for (const std::string& text : texts) {
    CAPROCK_TRY(Entry entry, read_entry(setting, text));
    if (!out.emplace(entry.name, std::move(entry.models)).second)
      return failure(wrong(setting, text, "stands here twice"));
  }
  return out;
}

}  // namespace

base::SettingsSection RoutingSettings::describe() {
  return {.name = "routing",
          .help = "Names for models and groups of models",
          .settings = {
              {.key = "aliases",
               .target = &aliases,
               .help = "NAME = MODEL | MODEL: who asks for NAME is answered by the first of the models that "
                       "can; a model may be another alias"}}};
}

base::SettingsSection FallbackSettings::describe() {
  return {
      .name = "fallback",
      .help = "Who is asked when a model fails",
      .settings = {
          {.key = "models",
           .target = &models,
           .help = "asked in this order after any model that fails",
           .environment = {"BEDROCK_FALLBACK_MODELS"}},
          {.key = "chains",
           .target = &chains,
           .help = "MODEL = NEXT | NEXT: asked after this model, before those of models"},
          {.key = "max_attempts",
           .target = &max_attempts,
           .help = "attempts of one request at all targets together; [retry] max_attempts is of one target",
           .min = 1,
           .max = 50},
          {.key = "retry_percent",
           .target = &budget.percent,
           .help = "how many percent of the requests under way may be retries of the same target",
           .min = 0,
           .max = 100},
          {.key = "retry_least",
           .target = &budget.least,
           .help = "retries that are allowed at once, however few requests there are",
           .min = 0,
           .max = 10'000},
          {.key = "breaker_failures",
           .target = &breaker.failures,
           .help = "failures in a row after which a target rests, where there is another",
           .min = 1,
           .max = 1'000},
          {.key = "breaker_open",
           .target = &breaker.open,
           .help = "how long it rests; twice, three times … as long when it fails again at once",
           .min = 10,
           .max = 3'600'000},
          {.key = "breaker_longest",
           .target = &breaker.longest,
           .help = "longest rest",
           .min = 10,
           .max = 86'400'000},
          {.key = "affinity_time",
           .target = &affinity_time,
           .help =
               "how long a conversation stays with the region or account that has its prompt cached; 0: not",
           .min = 0,
           .max = 86'400'000}}};
}

Result<Routes> Routes::make(const RoutingSettings& routing, const FallbackSettings& fallback) {
  Routes made;
  CAPROCK_TRY(made.aliases_, read_entries("routing.aliases", routing.aliases));
  CAPROCK_TRY(made.chains_, read_entries("fallback.chains", fallback.chains));
  for (const auto& [model, next] : made.chains_)
    if (std::ranges::find(next, model) != next.end())
      return failure(wrong("fallback.chains", model, "falls back on itself"));
  for (const std::string& model : fallback.models) {
    if (trimmed(model).empty()) return failure(wrong("fallback.models", model, "is no model"));
    made.after_all_.emplace_back(trimmed(model));
  }
  CAPROCK_CHECK(made.check_cycles());
  return made;
}

Result<void> Routes::check_cycles() const {
  std::set<std::string> done;
  std::vector<std::string> path;
  const auto visit = [&](const auto& self, const std::string& name) -> bool {
    const auto found = aliases_.find(name);
    if (found == aliases_.end() || done.contains(name)) return true;
    if (std::ranges::find(path, name) != path.end()) return false;
    path.push_back(name);
    for (const std::string& next : found->second)
      if (!self(self, next)) return false;
    path.pop_back();
    done.insert(name);
    return true;
  };
  for (const auto& [name, models] : aliases_)
    if (!visit(visit, name)) return failure(wrong("routing.aliases", name, "leads back to itself"));
  return {};
}

void Routes::append(std::vector<std::string>& out, std::set<std::string>& seen,
                    const std::string& name) const {
  if (const auto alias = aliases_.find(name); alias != aliases_.end()) {
    if (!seen.insert(name).second) return;  // its models are there already
    for (const std::string& model : alias->second) append(out, seen, model);
  } else if (std::ranges::find(out, name) == out.end() && out.size() < kMostTargets) {
    out.push_back(name);
  }
}

std::vector<std::string> Routes::of(const std::string& name) const {
  std::vector<std::string> out;
  std::set<std::string> seen;
  append(out, seen, name);
  if (const auto chain = chains_.find(name); chain != chains_.end())
    for (const std::string& next : chain->second) append(out, seen, next);
  for (const std::string& next : after_all_) append(out, seen, next);
  return out;
}

}  // namespace caprock::gateway
