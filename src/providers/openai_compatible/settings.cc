#include "providers/openai_compatible/settings.h"

#include <fmt/format.h>

#include "net/url.h"

namespace caprock::providers::openai {

base::SettingsSection ServerSettings::describe(const Dialect& dialect) {
  std::vector<std::string> url_variables;
  if (dialect.name == "openai") url_variables = {"OPENAI_BASE_URL"};
  std::vector<std::string> key_variables;
  if (!dialect.key_variable.empty()) key_variables = {dialect.key_variable};
  return {.name = dialect.name,
          .help = fmt::format("models of {}, asked for as {}/MODEL", dialect.title, dialect.name),
          .settings = {{.key = "base_url",
                        .target = &base_url,
                        .help = fmt::format("where its API is, with /v1; empty: {}", dialect.base_url),
                        .environment = std::move(url_variables)},
                       {.key = "api_key",
                        .target = &api_key,
                        .help = dialect.key_variable.empty() ? "key, where the server wants one" : "key",
                        .environment = std::move(key_variables)}}};
}

std::string ServerSettings::url(const Dialect& dialect) const {
  std::string url = base_url.empty() ? dialect.base_url : base_url;
  while (url.ends_with('/')) url.pop_back();
  return url;
}

base::Result<void> ServerSettings::check(const Dialect& dialect) const {
  if (const auto parsed = net::parse_url(url(dialect)); !parsed)
    return base::failure(base::invalid_argument(
        dialect.name + ".base_url", fmt::format("[{}] base_url {}", dialect.name, parsed.error().message)));
  return {};
}

}  // namespace caprock::providers::openai
