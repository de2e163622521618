#include "aws/credentials/process_provider.h"

#include <boost/json/value.hpp>

#include "aws/credentials/command_words.h"
#include "aws/credentials/credential_document.h"

namespace caprock::aws {
namespace {

using base::Awaitable;
using base::failure;
using base::RequestContext;
using base::Result;

constexpr std::string_view kWho = "credential_process";

class ProcessProvider final : public CredentialProvider {
 public:
  ProcessProvider(const ProviderTools& tools, ProcessCommand command, ProcessLimits limits)
      : tools_(tools), command_(std::move(command)), limits_(limits) {}
  std::string name() const override { return std::string(kWho); }

  Awaitable<Result<Fetched>> fetch(const RequestContext& context) override {
    const std::optional<std::vector<std::string>> words = command_words(command_.command);
    if (!words)
      co_return failure(base::invalid_argument("credential_process",
                                               "credential_process has an open quote, or names no program"));
    const auto run = [&] { return run_process(*words, limits_, context.cancelled); };
    CAPROCK_CO_TRY(const std::string output, co_await tools_.pool.run(context, run));
    CAPROCK_CO_TRY(Credentials made, read_process_output(output));
    if (made.account_id.empty()) made.account_id = command_.account_id;
    made.source = name();
    made.fixed = !made.expires;
    co_return Fetched::some(std::move(made));
  }

 private:
  const ProviderTools& tools_;
  ProcessCommand command_;
  ProcessLimits limits_;
};

}  // namespace

Result<Credentials> read_process_output(std::string_view text) {
  CAPROCK_TRY(const auto object, read_object(text, kWho));
  const boost::json::value* version = object.if_contains("Version");
  if (version == nullptr || !version->is_int64() || version->as_int64() != 1)
    return failure(
        base::Error(base::ErrorKind::kUpstream, "the answer of credential_process has no Version 1"));
  return read_credentials(object, {.token = "SessionToken", .expires = false}, kWho);
}

std::unique_ptr<CredentialProvider> process_provider(const ProviderTools& tools, ProcessCommand command,
                                                     ProcessLimits limits) {
  return std::make_unique<ProcessProvider>(tools, std::move(command), limits);
}

}  // namespace caprock::aws
