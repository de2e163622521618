#include "app/cli/print_answer.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/cli/api_error.h"

namespace caprock::app {
namespace {

namespace json = boost::json;

constexpr std::size_t kQuoteWidth = 400;
constexpr std::size_t kPassageWidth = 200;

/// "Title, page 3 (source)".
std::string place_of(const json::value& from) {
  const std::string source = one_line(text_at(from, "source"), kPassageWidth);
  std::string place = one_line(text_at(from, "title"), kPassageWidth);
  if (place.empty()) place = source;
  if (const std::int64_t page = number_at(from, "page"); page > 0) place += fmt::format(", page {}", page);
  if (const std::string section = one_line(text_at(from, "section"), kPassageWidth); !section.empty())
    place += fmt::format(", {}", section);
  if (!source.empty() && !place.starts_with(source)) place += fmt::format(" ({})", source);
  return place;
}

}  // namespace

std::string citations_text(const json::array& citations) {
  std::string out;
  for (const json::value& citation : citations)
    out += fmt::format("\n[{}] \"{}\"\n    {}\n", number_at(citation, "number"),
                       one_line(text_at(citation, "quote"), kQuoteWidth), place_of(citation));
  return out;
}

std::string sources_text(const json::array& sources, std::size_t most) {
  std::string out;
  for (std::size_t i = 0; i < std::min(most, sources.size()); ++i) {
    boost::system::error_code missing;
    const double score = value_at(sources[i], "score").to_number<double>(missing);
    out += fmt::format("\n{}. {}{}\n   {}\n", i + 1, place_of(sources[i]),
                       missing ? "" : fmt::format("  [{:.3f}]", score),
                       one_line(text_at(sources[i], "content"), kPassageWidth));
  }
  return out;
}

std::string answer_text(const json::value& response) {
  std::string out;
  const json::value& abstained = value_at(response, "abstained");
  if (abstained.is_bool() && abstained.get_bool()) {
    const std::string reason = printable(text_at(response, "reason"));
    out = fmt::format("No answer in the documents{}{}\n", reason.empty() ? "." : ": ", reason);
    const std::string nearest = sources_text(array_at(response, "sources"), 3);
    if (!nearest.empty()) out += "\nNearest passages:\n" + nearest;
    return out;
  }
  if (value_at(response, "answer").is_null()) return sources_text(array_at(response, "sources"), 1000);
  out = printable(text_at(response, "answer")) + "\n";
  out += citations_text(array_at(response, "citations"));
  if (const std::string degraded = one_line(text_at(response, "degraded"), kPassageWidth); !degraded.empty())
    out += fmt::format("\nNote: {}\n", degraded);
  return out;
}

}  // namespace caprock::app
