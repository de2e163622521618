#include "server/keys/issued_key_authenticator.h"

#include <gtest/gtest.h>

#include "server/test_support.h"

namespace caprock::server {
namespace {

using base::ErrorKind;

constexpr base::WallTime kNow{std::chrono::seconds(1'767'323'045)};
constexpr const char* kId = "CPRKAAAAAAAAAAAAAAAA";
constexpr const char* kSecret = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY00";

class Pieces final : public BodyReader {
 public:
  explicit Pieces(std::vector<std::string> pieces) : pieces_(std::move(pieces)) {}
  base::Awaitable<base::Result<std::optional<std::string>>> read() override {
    if (at_ == pieces_.size()) co_return std::nullopt;
    co_return pieces_[at_++];
  }

 private:
  std::vector<std::string> pieces_;
  std::size_t at_ = 0;
};

class IssuedKeyAuthenticatorTest : public ::testing::Test {
 protected:
  IssuedKeyAuthenticatorTest() {
    const MasterKey master = MasterKey::parse(base::Secret(std::string(64, 'c'))).value();
    stores::IssuedKey key{
        .id = "k1", .roles = {"user"}, .api_key_sha256 = base::sha256("cprk-one"), .access_key_id = kId};
    key.sealed_secret = master.seal(kSecret, seal_label(key.tenant, key.id));
    ring_.replace({key}, &master);
  }

  static Request request(Headers headers, std::vector<std::string> body) {
    Request made;
    made.method = "POST";
    made.target = "/model/arn%3Aaws%3Abedrock/converse";
    made.authority = "127.0.0.1:8080";
    made.headers = std::move(headers);
    made.body = std::make_unique<Pieces>(std::move(body));
    return made;
  }
  Request signed_request(const char* id, const char* secret, const std::string& signed_body,
                         std::vector<std::string> sent) {
    Request made = request({{"content-type", "application/json"}}, std::move(sent));
    const std::vector<aws::HeaderView> headers{{"content-type", "application/json"}};
    aws::SignatureHeaders signature;
    aws::Signer().sign({.method = made.method,
                        .host = made.authority,
                        .path = made.path(),
                        .query = made.query(),
                        .headers = headers,
                        .payload = aws::PayloadHash::of(signed_body)},
                       {.access_key_id = id, .secret_access_key = secret, .session_token = {}},
                       {.region = "eu-west-1", .service = "bedrock"}, kNow, signature);
    made.headers.add("Authorization", signature.authorization);
    made.headers.add("X-Amz-Date", std::string(signature.x_amz_date()));
    return made;
  }
  auto ask(Request& asked) { return run(authenticator_.authenticate(asked)); }

  KeyRing ring_;
  base::ManualClock clock_{kNow};
  IssuedKeyAuthenticator authenticator_{ring_, clock_, {.body = 1000, .memory = 1500}};
};

TEST_F(IssuedKeyAuthenticatorTest, ApiKey_IsKnownInEitherHeader) {
  Request bearer = request({{"authorization", "Bearer cprk-one"}}, {});
  EXPECT_EQ(ask(bearer).value()->key_id, "k1");
  Request header = request({{"x-api-key", "cprk-one"}}, {});
  EXPECT_EQ(ask(header).value()->key_id, "k1");
}

TEST_F(IssuedKeyAuthenticatorTest, UnknownApiKey_IsLeftToOthers) {
  Request asked = request({{"x-api-key", "cprk-on"}}, {});
  EXPECT_FALSE(ask(asked).value());
}

TEST_F(IssuedKeyAuthenticatorTest, Signature_OverABodyInPieces_IsKnownAndTheBodyIsStillThere) {
  Request asked = signed_request(kId, kSecret, R"({"messages":[]})", {"{\"messages\"", ":[]}"});
  EXPECT_EQ(ask(asked).value()->key_id, "k1");
  EXPECT_EQ(run(read_all(*asked.body, 100)).value(), R"({"messages":[]})");
}

TEST_F(IssuedKeyAuthenticatorTest, EverythingWrongWithASignature_IsOneError) {
  std::vector<Request> wrong;
  wrong.push_back(signed_request(kId, kSecret, "{}", {"{ }"}));                    // another body
  wrong.push_back(signed_request(kId, "another secret", "{}", {"{}"}));            // another secret
  wrong.push_back(signed_request("CPRKBBBBBBBBBBBBBBBB", kSecret, "{}", {"{}"}));  // nobody's id
  wrong.push_back(request({{"authorization", "AWS4-HMAC-SHA256 Credential=x"}}, {"{}"}));
  std::string message;
  for (Request& asked : wrong) {
    const auto answer = ask(asked);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::kUnauthenticated);
    if (message.empty()) message = answer.error().message;
    EXPECT_EQ(answer.error().message, message);
  }
}

TEST_F(IssuedKeyAuthenticatorTest, Signature_OfAnotherTime_IsRefused) {
  clock_.advance(std::chrono::minutes(6));
  Request asked = signed_request(kId, kSecret, "{}", {"{}"});
  EXPECT_EQ(ask(asked).error().kind, ErrorKind::kUnauthenticated);
}

TEST_F(IssuedKeyAuthenticatorTest, SignedBody_AboveTheLimit_IsRefusedWhileItComes) {
  for (const char* id : {kId, "CPRKBBBBBBBBBBBBBBBB"}) {
    Request asked = signed_request(id, kSecret, "", {std::string(600, 'x'), std::string(600, 'x')});
    EXPECT_EQ(ask(asked).error().kind, ErrorKind::kPayloadTooLarge);
  }
}

TEST_F(IssuedKeyAuthenticatorTest, SignedBodies_HoldNoMoreThanTheirMemoryTogether) {
  const std::string body(900, 'x');
  {
    Request first = signed_request(kId, kSecret, body, {body});
    ASSERT_TRUE(ask(first));
    EXPECT_EQ(first.body_digest, base::sha256(body));
    Request second = signed_request(kId, kSecret, body, {body});
    const auto refused = ask(second);
    EXPECT_EQ(refused.error().kind, ErrorKind::kUnavailable);
    EXPECT_TRUE(refused.error().retry_after);
    // What is taken out of its reader is held as long as the request.
    EXPECT_EQ(run(read_all(*first.body, 1000)).value(), body);
    Request third = signed_request(kId, kSecret, body, {body});
    EXPECT_FALSE(ask(third));
  }
  Request fourth = signed_request(kId, kSecret, body, {body});
  EXPECT_TRUE(ask(fourth));
}

TEST_F(IssuedKeyAuthenticatorTest, PayloadThatIsSaidToBeUnsigned_IsRefused) {
  for (const char* said : {"UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"}) {
    Request asked = request({{"content-type", "application/json"}, {"x-amz-content-sha256", said}}, {"{}"});
    const std::vector<aws::HeaderView> headers{{"content-type", "application/json"},
                                               {"x-amz-content-sha256", said}};
    aws::SignatureHeaders signature;
    aws::Signer().sign({.method = asked.method,
                        .host = asked.authority,
                        .path = asked.path(),
                        .query = asked.query(),
                        .headers = headers,
                        .payload = aws::PayloadHash::not_signed()},
                       {.access_key_id = kId, .secret_access_key = kSecret, .session_token = {}},
                       {.region = "eu-west-1", .service = "bedrock"}, kNow, signature,
                       aws::Signer::ContentHash::kHeader);
    asked.headers.add("Authorization", signature.authorization);
    asked.headers.add("X-Amz-Date", std::string(signature.x_amz_date()));
    EXPECT_EQ(ask(asked).error().kind, ErrorKind::kUnauthenticated) << said;
  }
}

TEST_F(IssuedKeyAuthenticatorTest, RevokedKey_IsNobodys) {
  ring_.replace({}, nullptr);
  Request asked = signed_request(kId, kSecret, "{}", {"{}"});
  EXPECT_EQ(ask(asked).error().kind, ErrorKind::kUnauthenticated);
}

}  // namespace
}  // namespace caprock::server
