#include <cstdint>
#include <cstdlib>

#include "aws/credentials/credential_document.h"
#include "aws/credentials/process_provider.h"
#include "aws/credentials/secret_provider.h"
#include "aws/credentials/sso_provider.h"
#include "aws/credentials/sso_token.h"

/// Every JSON that credentials come in.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace caprock;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto check = [](const base::Result<aws::Credentials>& got) {
    if (got && !got->is_bearer() && !aws::check_credentials(*got, "x")) std::abort();
  };
  check(aws::read_process_output(text));
  check(aws::read_secret(text));
  check(aws::read_role_credentials(text));
  if (const auto object = aws::read_object(text, "x"))
    check(aws::read_credentials(*object, {.token = "Token"}, "x"));
  if (const auto token = aws::read_sso_token(text)) (void)aws::renewed(*token, text, base::WallTime{});
  return 0;
}
