#include "server/dialect.h"

#include <array>
#include <utility>

namespace caprock::server {
namespace {

constexpr auto kPaths =
    std::to_array<std::pair<std::string_view, Dialect>>({{"/anthropic/", Dialect::kAnthropic},
                                                         {"/v1/messages", Dialect::kAnthropic},
                                                         {"/openai/", Dialect::kOpenAi},
                                                         {"/v1/", Dialect::kOpenAi},
                                                         {"/model/", Dialect::kBedrock}});

}  // namespace

bool speaks_anthropic(const Request& request) { return request.headers.has("anthropic-version"); }

Dialect dialect_of(const Route* route, const Request& request) {
  if (route != nullptr && route->dialect != Dialect::kOpenAi) return route->dialect;
  if (speaks_anthropic(request)) return Dialect::kAnthropic;
  if (route != nullptr) return route->dialect;
  for (const auto& [path, dialect] : kPaths)
    if (request.path().starts_with(path)) return dialect;
  return Dialect::kRest;
}

}  // namespace caprock::server
