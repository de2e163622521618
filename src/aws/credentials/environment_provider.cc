#include "aws/credentials/environment_provider.h"

#include <fmt/format.h>

#include <array>

#include "aws/credentials/provider_tools.h"
#include "aws/credentials/time_text.h"

namespace caprock::aws {
namespace {

using base::failure;
using base::Result;

/// One spelling of the variables; an empty name is one that the spelling does not have.
struct Names {
  std::string key;
  std::string secret;
  std::string token;
  std::string expiration;
  std::string account;
};

const std::array kSpellings{
    Names{"AWS_BEDROCK_ACCESS_KEY_ID", "AWS_BEDROCK_SECRET_ACCESS_KEY", "AWS_BEDROCK_SESSION_TOKEN", "", ""},
    Names{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION",
          "AWS_ACCOUNT_ID"}};

base::Error wrong(const std::string& name, const std::string& what) {
  return base::invalid_argument(name, fmt::format("{} {}", name, what));
}

class EnvironmentProvider final : public CredentialProvider {
 public:
  explicit EnvironmentProvider(Environment environment) : environment_(std::move(environment)) {}
  std::string name() const override { return "environment"; }

  base::Awaitable<Result<Fetched>> fetch(const base::RequestContext&) override { co_return read(); }

 private:
  Result<Fetched> read() const {
    for (const Names& names : kSpellings) {
      const bool key = !get(names.key).empty();
      const bool secret = !get(names.secret).empty();
      if (!key && !secret) continue;
      if (!key) return failure(wrong(names.key, fmt::format("is not set, but {} is", names.secret)));
      if (!secret) return failure(wrong(names.secret, fmt::format("is not set, but {} is", names.key)));
      CAPROCK_TRY(Credentials made, read(names));
      return Fetched::some(std::move(made));
    }
    return Fetched::nothing("AWS_ACCESS_KEY_ID is not set");
  }

  Result<Credentials> read(const Names& names) const {
    for (const std::string* name : {&names.key, &names.secret, &names.token})
      if (const std::string value = get(*name); !value.empty() && !is_visible_ascii(value))
        return failure(wrong(*name, "holds blanks, line ends or other characters that no key has"));
    Credentials made{.access_key_id = get(names.key),
                     .secret_access_key = base::Secret(get(names.secret)),
                     .session_token = base::Secret(get(names.token))};
    made.account_id = get(names.account);
    made.source = name();
    made.fixed = true;
    if (const std::string text = get(names.expiration); !text.empty()) {
      made.expires = parse_time(text);
      if (!made.expires) return failure(wrong(names.expiration, "is no time such as 2026-01-02T03:04:05Z"));
      if (*made.expires == base::WallTime::max()) made.expires.reset();
    }
    return made;
  }

  std::string get(const std::string& name) const {
    return name.empty() ? std::string() : variable(environment_, name);
  }

  Environment environment_;
};

}  // namespace

std::unique_ptr<CredentialProvider> environment_provider(Environment environment) {
  return std::make_unique<EnvironmentProvider>(std::move(environment));
}

}  // namespace caprock::aws
