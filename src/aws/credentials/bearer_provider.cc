#include "aws/credentials/bearer_provider.h"

#include "aws/credentials/provider_tools.h"

namespace caprock::aws {
namespace {

using base::Result;

class BearerProvider final : public CredentialProvider {
 public:
  explicit BearerProvider(base::Secret token) : token_(std::move(token)) {}
  std::string name() const override { return "bearer token"; }

  base::Awaitable<Result<Fetched>> fetch(const base::RequestContext&) override {
    if (token_.empty()) co_return Fetched::nothing("AWS_BEARER_TOKEN_BEDROCK is not set");
    if (!is_visible_ascii(token_.reveal()))
      co_return base::failure(base::invalid_argument(
          "AWS_BEARER_TOKEN_BEDROCK",
          "AWS_BEARER_TOKEN_BEDROCK holds blanks, line ends or other characters that no token has"));
    Credentials made;
    made.bearer_token = token_;
    made.fixed = true;
    made.source = name();
    co_return Fetched::some(std::move(made));
  }

 private:
  base::Secret token_;
};

}  // namespace

std::unique_ptr<CredentialProvider> bearer_provider(base::Secret token) {
  return std::make_unique<BearerProvider>(std::move(token));
}

}  // namespace caprock::aws
