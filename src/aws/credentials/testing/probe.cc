// Says which credentials a process with this environment would use, as JSON: for tests from outside against
// real services. Not part of the product. Arguments are settings of [aws]: `role_arn=…`. Secrets are not
// printed.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string>
#include <string_view>

#include "aws/credentials/account.h"
#include "base/json/json_text.h"

extern char** environ;  // NOLINT(readability-redundant-declaration): musl has it only here

namespace {

using namespace caprock;

struct Assign {
  const std::string& text;
  void operator()(std::string* target) const { *target = text; }
  void operator()(base::Secret* target) const { *target = base::Secret(text); }
  void operator()(bool* target) const { *target = text == "true"; }
  void operator()(std::vector<std::string>* target) const { target->push_back(text); }
  void operator()(std::chrono::milliseconds* target) const {
    std::int64_t ms = 0;
    std::from_chars(text.data(), text.data() + text.size(), ms);
    *target = std::chrono::milliseconds(ms);
  }
  template <class Other>
  void operator()(Other*) const {}
};

aws::Environment environment() {
  aws::Environment made;
  for (char** entry = environ; *entry != nullptr; ++entry)
    if (const char* equals = std::strchr(*entry, '='))
      made.emplace(std::string(static_cast<const char*>(*entry), equals), equals + 1);
  return made;
}

void apply(const base::SettingsSection& section, const aws::Environment& variables, int argc, char** argv) {
  for (const base::Setting& setting : section.settings) {
    for (auto name = setting.environment.rbegin(); name != setting.environment.rend(); ++name)
      if (const std::string value = aws::variable(variables, *name); !value.empty())
        std::visit(Assign{value}, setting.target);
    for (int i = 1; i < argc; ++i) {
      const std::string argument = argv[i];
      if (argument.starts_with(setting.key + "="))
        std::visit(Assign{argument.substr(setting.key.size() + 1)}, setting.target);
    }
  }
}

boost::json::object describe(const base::Result<aws::CachedCredentials::Pointer>& got) {
  if (!got)
    return {{"error", got.error().message}, {"field", got.error().field}, {"detail", got.error().detail}};
  const aws::Credentials& credentials = **got;
  return {{"source", credentials.source},
          {"access_key_id", credentials.access_key_id},
          {"bearer", credentials.is_bearer()},
          {"session_token", !credentials.session_token.empty()},
          {"account_id", credentials.account_id},
          {"expires", credentials.expires ? base::iso_time(*credentials.expires) : std::string()}};
}

base::Awaitable<void> ask(aws::Account& account) {
  const base::RequestContext context = base::background_context(base::TenantId("default"));
  const auto got = co_await account.bedrock().get(context);
  std::puts(boost::json::serialize(describe(got)).c_str());
  co_await account.close();
}

}  // namespace

int main(int argc, char** argv) {
  const aws::Environment variables = environment();
  aws::CredentialSettings settings;
  apply(settings.describe(), variables, argc, argv);
  if (const auto fine = settings.check(); !fine) return std::puts(fine.error().message.c_str()), 2;
  net::HttpClient http{net::NetSettings{}};
  base::BlockingPool pool({.name = "probe", .threads = 1, .queue = 8});
  boost::asio::io_context loop;
  aws::Account account(settings, variables, {http, pool, base::system_clock(), loop.get_executor()});
  boost::asio::co_spawn(loop, ask(account), boost::asio::detached);
  loop.run();
  http.close_idle();
}
