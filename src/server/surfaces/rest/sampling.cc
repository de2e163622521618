#include "server/surfaces/rest/sampling.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace caprock::server::rest {
namespace {

// How providers, and we ourselves, say that a model has no such parameter:
// "`temperature` and `top_p` cannot both be specified for this model", "`temperature` is deprecated for this
// model", "Unsupported parameter: 'top_p' is not supported with this model", "this model takes no top_k".
constexpr std::array<std::string_view, 6> kSigns{"cannot both", "deprecated",    "not support",
                                                 "takes no",    "no way to say", "cannot be expressed"};

struct Parameter {
  std::string_view name;
  std::string_view other;  ///< Converse's spelling
};
// In the order in which they are given up.
constexpr std::array<Parameter, 3> kParameters{
    {{"top_k", "topk"}, {"top_p", "topp"}, {"temperature", "temperature"}}};

bool is_set(std::string_view name, const llm::InferenceSettings& settings) {
  if (name == "top_k") return settings.top_k.has_value();
  if (name == "top_p") return settings.top_p.has_value();
  return settings.temperature.has_value();
}

}  // namespace

std::string_view not_taken(const base::Error& error, const llm::InferenceSettings& settings) {
  if (error.kind != base::ErrorKind::kInvalidArgument) return {};
  std::string said = error.field + " " + error.message;
  std::ranges::transform(said, said.begin(), [](unsigned char c) { return std::tolower(c); });
  if (std::ranges::none_of(kSigns, [&](std::string_view sign) { return said.contains(sign); })) return {};
  for (const Parameter& one : kParameters)
    if (is_set(one.name, settings) && (said.contains(one.name) || said.contains(one.other))) return one.name;
  return {};
}

void leave_out(std::string_view parameter, llm::InferenceSettings& settings) {
  if (parameter == "top_k") settings.top_k.reset();
  if (parameter == "top_p") settings.top_p.reset();
  if (parameter == "temperature") settings.temperature.reset();
}

}  // namespace caprock::server::rest
