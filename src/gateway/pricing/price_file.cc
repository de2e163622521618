#include "gateway/pricing/price_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <map>

#include "base/money.h"
#include "base/suggest.h"
#include "base/toml/toml.h"

extern "C" {
extern const char kCaprockPrices[];
extern const char kCaprockPricesEnd[];
}

namespace caprock::gateway {
namespace {

constexpr std::int64_t kFormat = 1;
// A million dollars for one unit, or for a million tokens, is a slip of the hand.
constexpr std::int64_t kHighest = 1'000'000'000'000'000;

const std::vector<std::string> kTopKeys{"format", "currency", "source", "price"};
const std::vector<std::string> kSourceKeys{"name", "url", "note", "checked_on"};
const std::vector<std::string> kEntryKeys{"models", "scopes",     "tier",          "effective_from",
                                          "source", "checked_on", "context_above", "per_million_tokens",
                                          "each"};
const std::vector<std::string> kTiers{"default", "priority", "flex", "batch", "reserved"};
const std::vector<std::string> kAreas{"region", "us", "eu", "apac",   "ap",
                                      "jp",     "au", "ca", "us-gov", "global"};

std::uint32_t line_of(const toml::node& node) { return node.source().begin.line; }

/// One run over a file.
class Reader {
 public:
  explicit Reader(std::string name) { file_.name = std::move(name); }

  std::expected<PriceFile, PriceProblems> read(const toml::table& top) {
    check_keys(top, kTopKeys);
    if (const auto* format = top["format"].as_integer(); format == nullptr || format->get() != kFormat)
      problem(0, "format", "must be 1, the format that this program reads");
    if (const auto currency = top["currency"].value<std::string>(); currency != "USD")
      problem(0, "currency", "must be \"USD\"");
    each_table(top, "source", [this](const toml::table& table) { source(table); });
    each_table(top, "price", [this](const toml::table& table) { entry(table); });
    check_together();
    if (!problems_.empty()) return std::unexpected(std::move(problems_));
    return std::move(file_);
  }

 private:
  void problem(std::uint32_t line, std::string key, std::string message) {
    problems_.push_back({file_.name, line, std::move(key), std::move(message)});
  }

  template <class Read>
  void each_table(const toml::table& top, const std::string& key, Read read) {
    const toml::node* node = top.get(key);
    if (node == nullptr) return;
    const toml::array* array = node->as_array();
    if (array == nullptr || !array->is_array_of_tables())
      return problem(line_of(*node), key, fmt::format("must be tables: [[{}]]", key));
    for (const toml::node& item : *array) read(*item.as_table());
  }

  void check_keys(const toml::table& table, const std::vector<std::string>& known) {
    for (const auto& [key, node] : table) {
      const std::string name(key.str());
      if (std::ranges::find(known, name) != known.end()) continue;
      const auto meant = base::did_you_mean(name, known);
      problem(key.source().begin.line, name,
              meant ? fmt::format("unknown key; did you mean \"{}\"?", *meant)
                    : fmt::format("unknown key; allowed: {}", fmt::join(known, ", ")));
    }
  }

  std::string text(const toml::table& table, const std::string& key, bool required) {
    const toml::node* node = table.get(key);
    if (node == nullptr) {
      if (required) problem(line_of(table), key, "is missing");
      return {};
    }
    if (const auto* value = node->as_string(); value != nullptr && !value->get().empty()) return value->get();
    problem(line_of(*node), key, "must be a text");
    return {};
  }

  std::optional<Day> day(const toml::table& table, const std::string& key) {
    const toml::node* node = table.get(key);
    if (node == nullptr) return std::nullopt;
    if (const auto* value = node->as_date()) {
      const toml::date date = value->get();
      const std::chrono::year_month_day made{std::chrono::year(date.year), std::chrono::month(date.month),
                                             std::chrono::day(date.day)};
      if (made.ok()) return Day(made);
    }
    problem(line_of(*node), key, "must be a date without quotes, such as 2026-06-01");
    return Day{};
  }

  Day required_day(const toml::table& table, const std::string& key) {
    const auto found = day(table, key);
    if (!found) problem(line_of(table), key, "is missing: a price without a date is none");
    return found.value_or(Day{});
  }

  void source(const toml::table& table) {
    check_keys(table, kSourceKeys);
    PriceSource source{.name = text(table, "name", true),
                       .url = text(table, "url", true),
                       .note = text(table, "note", false),
                       .checked_on = required_day(table, "checked_on")};
    if (find_source(source.name) != nullptr)
      problem(line_of(table), "name", fmt::format("there is another source \"{}\"", source.name));
    file_.sources.push_back(std::move(source));
  }

  const PriceSource* find_source(const std::string& name) const {
    const auto found = std::ranges::find(file_.sources, name, &PriceSource::name);
    return found == file_.sources.end() ? nullptr : &*found;
  }

  void entry(const toml::table& table) {
    check_keys(table, kEntryKeys);
    PriceEntry entry;
    entry.line = line_of(table);
    entry.models = texts(table, "models");
    entry.scopes = texts(table, "scopes");
    for (const std::string& scope : entry.scopes) check_scope(table, scope);
    if (table.contains("tier")) entry.tier = text(table, "tier", true);
    if (std::ranges::find(kTiers, entry.tier) == kTiers.end())
      problem(entry.line, "tier", fmt::format("must be one of {}", fmt::join(kTiers, ", ")));
    entry.from = required_day(table, "effective_from");
    entry.source = text(table, "source", true);
    const PriceSource* from = find_source(entry.source);
    if (from == nullptr && !entry.source.empty())
      problem(entry.line, "source", fmt::format("there is no [[source]] \"{}\" above", entry.source));
    entry.checked_on = day(table, "checked_on").value_or(from == nullptr ? Day{} : from->checked_on);
    entry.context_above = step(table);
    prices(table, "per_million_tokens", 0, kTokenUnits, entry);
    prices(table, "each", kTokenUnits, kUnits, entry);
    if (std::ranges::none_of(entry.prices, [](const auto& price) { return price.has_value(); }))
      problem(entry.line, "per_million_tokens", "is missing: the entry has no price");
    file_.entries.push_back(std::move(entry));
  }

  std::vector<std::string> texts(const toml::table& table, const std::string& key) {
    std::vector<std::string> out;
    const toml::node* node = table.get(key);
    const toml::array* array = node == nullptr ? nullptr : node->as_array();
    if (array != nullptr)
      for (const toml::node& item : *array)
        if (const auto* value = item.as_string(); value != nullptr && !value->get().empty())
          out.push_back(value->get());
    if (array == nullptr || array->empty() || out.size() != array->size())
      problem(line_of(node == nullptr ? table : *node), key, "must be a list of at least one text");
    return out;
  }

  void check_scope(const toml::table& table, const std::string& scope) {
    if (std::ranges::find(kAreas, scope) != kAreas.end()) return;
    if (scope.starts_with("region:") && scope.size() > 7) return;
    problem(line_of(table), "scopes",
            fmt::format("\"{}\" is none; allowed: region:NAME, {}", scope, fmt::join(kAreas, ", ")));
  }

  std::int64_t step(const toml::table& table) {
    const toml::node* node = table.get("context_above");
    if (node == nullptr) return 0;
    if (const auto* value = node->as_integer(); value != nullptr && value->get() > 0) return value->get();
    problem(line_of(*node), "context_above", "must be a number of tokens above 0");
    return 0;
  }

  void prices(const toml::table& table, const std::string& key, std::size_t first, std::size_t end,
              PriceEntry& into) {
    const toml::node* node = table.get(key);
    if (node == nullptr) return;
    const toml::table* inner = node->as_table();
    if (inner == nullptr) return problem(line_of(*node), key, "must be a table of prices");
    std::vector<std::string> known;
    for (std::size_t i = first; i < end; ++i) known.emplace_back(name_of(static_cast<Unit>(i)));
    check_keys(*inner, known);
    for (std::size_t i = first; i < end; ++i)
      if (const toml::node* price = inner->get(known[i - first]))
        into.prices.at(i) = amount(*price, known[i - first]);
  }

  // A float is read by the shortest text that means it, which is the text of the file up to 15 digits: no
  // arithmetic with floats.
  std::optional<std::int64_t> amount(const toml::node& node, const std::string& key) {
    std::string text;
    if (const auto* whole = node.as_integer()) {
      text = std::to_string(whole->get());
    } else if (const auto* real = node.as_floating_point()) {
      std::array<char, 400> buffer{};
      const auto end = std::to_chars(buffer.begin(), buffer.end(), real->get(), std::chars_format::fixed).ptr;
      text.assign(buffer.begin(), end);
    } else {
      problem(line_of(node), key, "must be a number of dollars");
      return std::nullopt;
    }
    const auto count = base::parse_billionths(text);
    std::string wrong = count ? "" : count.error();
    if (count && *count < 0) wrong = fmt::format("is {}; a price is not negative", text);
    if (count && *count > kHighest) wrong = fmt::format("is {}; more than a million dollars", text);
    if (wrong.empty()) return *count;
    problem(line_of(node), key, std::move(wrong));
    return std::nullopt;
  }

  // No two entries for one thing, and no step without the prices below it.
  void check_together() {
    using Place = std::tuple<std::string, std::string, std::string, Day>;
    std::map<Place, std::map<std::int64_t, std::uint32_t>> seen;
    for (const PriceEntry& entry : file_.entries)
      for (const std::string& model : entry.models)
        for (const std::string& scope : entry.scopes) {
          auto& steps = seen[{model, scope, entry.tier, entry.from}];
          const auto [other, added] = steps.emplace(entry.context_above, entry.line);
          if (!added)
            problem(entry.line, "models",
                    fmt::format("\"{}\" in scope \"{}\" has the same tier, day and step in line {}", model,
                                scope, other->second));
        }
    for (const auto& [place, steps] : seen)
      if (!steps.contains(0))
        problem(steps.begin()->second, "context_above",
                fmt::format("\"{}\" has no entry of the same scope, tier and day below that step",
                            std::get<0>(place)));
  }

  PriceFile file_;
  PriceProblems problems_;
};

}  // namespace

std::string PriceProblem::text() const {
  std::string out = line == 0 ? file : fmt::format("{}:{}", file, line);
  if (!key.empty()) out += ": " + key;
  return out + ": " + message;
}

std::expected<PriceFile, PriceProblems> parse_prices(std::string_view text, const std::string& name) {
  const auto parsed = base::parse_toml(text);
  if (!parsed) return std::unexpected(PriceProblems{{name, parsed.error().line, "", parsed.error().message}});
  return Reader(name).read(*parsed);
}

std::expected<PriceFile, PriceProblems> read_price_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::error_code ignored;
  if (!in || !std::filesystem::is_regular_file(path, ignored))
    return std::unexpected(PriceProblems{{path.string(), 0, "", "cannot be read"}});
  const std::string text(std::istreambuf_iterator<char>(in), {});
  return parse_prices(text, path.string());
}

std::string_view built_in_prices() { return {kCaprockPrices, kCaprockPricesEnd}; }

}  // namespace caprock::gateway
