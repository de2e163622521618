// Any bytes as Authorization header, and as path, query and header of a signed request: what we sign
// verifies, and what was made up does not.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "aws/sigv4_verify.h"

using namespace caprock;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  constexpr std::string_view kDate = "20260102T030405Z";
  const base::WallTime now{std::chrono::seconds(1'767'323'045)};
  const base::Secret secret("secret");
  static aws::Signer signer;
  static aws::SignatureVerifier verifier;
  const std::size_t line = std::min(text.find('\n'), text.size());
  const std::string_view authorization = text.substr(0, line);
  const std::string_view rest = text.substr(std::min(line + 1, text.size()));
  const std::size_t mark = std::min(rest.find('?'), rest.size());
  std::vector<aws::HeaderView> headers{{"X-Amz-Date", kDate}, {"x-any", rest}, {"X-ANY", authorization}};
  const aws::SigningRequest request{.method = "POST",
                                    .host = "h",
                                    .path = rest.substr(0, mark),
                                    .query = rest.substr(std::min(mark + 1, rest.size())),
                                    .headers = headers,
                                    .payload = aws::PayloadHash::of("")};
  for (const std::string_view date : {rest.substr(0, 16), kDate}) {
    headers[0].second = date;
    const auto made_up = aws::parse_authorization(authorization);
    if (made_up && verifier.verify(*made_up, request, &secret, {.service = made_up->service}, now))
      std::abort();
  }
  aws::SignatureHeaders out;
  signer.sign(request, {"AK", secret.reveal(), ""}, {"r", "bedrock"}, now, out);
  const auto claim = aws::parse_authorization(out.authorization);
  if (!claim || !verifier.verify(*claim, request, &secret, {}, now) ||
      verifier.verify(*claim, request, nullptr, {}, now))
    std::abort();
  return 0;
}
