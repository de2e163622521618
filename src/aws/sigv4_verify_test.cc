#include "aws/sigv4_verify.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace caprock::aws {
namespace {

using namespace std::chrono;

constexpr auto kAt = sys_days(year(2026) / 1 / 2) + 3h + 4min + 5s;
constexpr std::string_view kSecretText = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// A request as a client would send it, signed; tests then change one thing.
class SignedByAClient : public testing::Test {
 protected:
  void SetUp() override { sign(); }

  void sign(SigningScope scope = {"eu-west-1", "bedrock"}, base::WallTime at = kAt) {
    SignatureHeaders out;
    signer_.sign(request(), {"CRKEXAMPLE", kSecretText, ""}, scope, at, out, content_hash_);
    authorization_ = out.authorization;
    date_ = out.x_amz_date();
  }
  SigningRequest request() {
    headers_ = {{"Content-Type", "application/json"},
                {"X-Amz-Date", date_},
                {"User-Agent", "Boto3"},
                {"X-Amzn-Trace-Id", "proxy"}};
    if (!received_hash_.empty()) headers_.emplace_back("x-amz-content-sha256", received_hash_);
    for (const HeaderView& header : more_) headers_.push_back(header);
    return {.method = "POST",
            .host = host_,
            .path = path_,
            .query = query_,
            .headers = headers_,
            .payload = PayloadHash::of(body_)};
  }
  base::Result<void> verify(base::WallTime now = kAt, VerifyRules rules = {}) {
    CAPROCK_TRY(const SignatureClaim claim, parse_authorization(authorization_));
    return verifier_.verify(claim, request(), known_ ? &secret_ : nullptr, rules, now);
  }
  std::string why(base::WallTime now = kAt, VerifyRules rules = {}) {
    const auto result = verify(now, rules);
    if (result) return "accepted";
    EXPECT_EQ(result.error().kind, base::ErrorKind::kUnauthenticated);
    EXPECT_TRUE(result.error().field.empty());
    messages_.push_back(result.error().message);
    EXPECT_EQ(messages_.front(), result.error().message) << "one opaque error";
    return result.error().detail;
  }
  void replace(std::string_view what, std::string_view with) {
    authorization_.replace(authorization_.find(what), what.size(), with);
  }

  Signer signer_;
  SignatureVerifier verifier_;
  base::Secret secret_{std::string(kSecretText)};
  bool known_ = true;
  Signer::ContentHash content_hash_ = Signer::ContentHash::kImplied;
  std::string host_ = "localhost:8080", path_ = "/model/a.b-v1%3A0/converse", query_ = "b=2&a=1",
              body_ = "{}";
  std::string authorization_, date_, received_hash_;
  std::vector<HeaderView> headers_, more_;
  std::vector<std::string> messages_;
};

TEST_F(SignedByAClient, Unchanged_IsAcceptedAgainAndAgain) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(why(), "accepted");
}

TEST_F(SignedByAClient, AnythingSignedChanged_IsRefused) {
  for (std::string* part : {&host_, &path_, &query_, &body_}) {
    const std::string before = *part;
    part->back() = static_cast<char>(part->back() ^ 1);
    EXPECT_EQ(why(), "SigV4: the signature is wrong") << *part;
    *part = before;
  }
  more_ = {{"Content-Type", "text/plain"}};
  EXPECT_EQ(why(), "SigV4: the signature is wrong");
  more_ = {};
  EXPECT_EQ(why(), "accepted");
}

TEST_F(SignedByAClient, PathDecodedOnTheWay_IsRefused) {
  path_ = "/model/a.b-v1:0/converse";
  EXPECT_EQ(why(), "SigV4: the signature is wrong");
}

TEST_F(SignedByAClient, HeaderThatAProxyAdded_DoesNotMatter) {
  more_ = {{"X-Forwarded-For", "10.0.0.1"}, {"Via", "1.1 alb"}};
  EXPECT_EQ(why(), "accepted");
}

TEST_F(SignedByAClient, Time_CountsToTheSecondBothWays) {
  EXPECT_EQ(why(kAt + 300s), "accepted");
  EXPECT_EQ(why(kAt - 300s), "accepted");
  EXPECT_EQ(why(kAt + 301s), "SigV4: x-amz-date 20260102T030405Z is too far from now");
  EXPECT_EQ(why(kAt - 301s), "SigV4: x-amz-date 20260102T030405Z is too far from now");
}

TEST_F(SignedByAClient, DateThatIsNone_IsRefused) {
  for (const char* date :
       {"", "20260102", "20260102T030405", "20260132T030405Z", "20260102T250405Z", "2026010aT030405Z",
        "20261302T030405Z", "14971106T084937Z", "99991231T235959Z", "Fri, 02 Jan 2026 03:04:05 GMT"}) {
    date_ = date;
    EXPECT_EQ(why(), "SigV4: x-amz-date is missing, repeated or not a date") << date;
  }
}

TEST_F(SignedByAClient, DateSentTwice_IsRefused) {
  more_ = {{"x-amz-date", "20260102T030405Z"}};
  EXPECT_EQ(why(), "SigV4: x-amz-date is missing, repeated or not a date");
}

TEST_F(SignedByAClient, Scope_MustBeOursAndOfThatDay) {
  EXPECT_EQ(why(kAt, {.service = "s3"}), "SigV4: the scope is of another service than s3");
  EXPECT_EQ(why(kAt, {.region = "us-east-1"}), "SigV4: the scope is of another region than us-east-1");
  EXPECT_EQ(why(kAt, {.region = "eu-west-1"}), "accepted");
  replace("/20260102/", "/20260101/");
  EXPECT_EQ(why(), "SigV4: the scope is of another day than x-amz-date");
}

TEST_F(SignedByAClient, SignedHeaders_MustHaveHostAndComeInOrder) {
  constexpr std::string_view kList = "content-type;host;x-amz-date";
  for (const char* list :
       {"content-type;x-amz-date", "host;content-type", "Host", "content-type;content-type;host", ";host",
        "host;", "host;x-not-there", "content-type;host;;x-amz-date"}) {
    const std::string before = authorization_;
    replace(kList, list);
    EXPECT_EQ(why(), "SigV4: SignedHeaders lacks host, is not in order, or names a header that did not come")
        << list;
    authorization_ = before;
  }
}

TEST_F(SignedByAClient, ThousandsOfSignedHeaders_AreRefusedEarly) {
  std::string list = "a0000";
  for (int i = 1; i < 9000; ++i) {
    const std::string digits = std::to_string(i);
    const std::string name = "a" + std::string(4 - digits.size(), '0') + digits;
    list += ";" + name;
  }
  replace("content-type;host;x-amz-date", list);
  EXPECT_NE(why(), "accepted");
}

TEST_F(SignedByAClient, ContentHashThatIsSigned_MustBeTheBodys) {
  content_hash_ = Signer::ContentHash::kHeader;
  received_hash_ = PayloadHash::of(body_).text();
  sign();
  EXPECT_EQ(why(), "accepted");
  received_hash_ = PayloadHash::of("other").text();
  EXPECT_EQ(why(), "SigV4: x-amz-content-sha256 is not that of the body");
  received_hash_ = "UNSIGNED-PAYLOAD";
  EXPECT_EQ(why(), "SigV4: x-amz-content-sha256 is not that of the body");
}

TEST_F(SignedByAClient, ContentHashThatIsNotSigned_IsNotLookedAt) {
  received_hash_ = "something";
  EXPECT_EQ(why(), "accepted");
}

TEST_F(SignedByAClient, UnknownId_ReadsLikeAWrongSignature) {
  body_ = "changed";
  EXPECT_EQ(why(), "SigV4: the signature is wrong");
  body_ = "{}";
  known_ = false;
  EXPECT_EQ(why(), "SigV4: nobody has this access key id");
}

TEST_F(SignedByAClient, SecretReplaced_EndsTheOldOne) {
  EXPECT_EQ(why(), "accepted");
  secret_ = base::Secret("another");
  EXPECT_EQ(why(), "SigV4: the signature is wrong");
}

// What AWS's SDK for JavaScript 3.1163 sent over HTTP/2 to a server on loopback, and what was accepted there.
TEST(SignedByJavaScript, OverHttp2_AuthorityStandsForHost) {
  constexpr std::string_view kAuthorization =
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/us-east-1/bedrock/aws4_request, "
      "SignedHeaders=:authority;amz-sdk-invocation-id;amz-sdk-request;content-length;content-type;"
      "x-amz-content-sha256;x-amz-date;x-amz-user-agent, "
      "Signature=4687f99543d758211fbe5016bd9ed72ccb4144c85ee8f971d49956dd02c61147";
  const std::vector<HeaderView> headers{
      {"content-type", "application/json"},
      {"content-length", "56"},
      {"x-amz-user-agent", "aws-sdk-js/3.1162.0"},
      {"amz-sdk-invocation-id", "a6ae7491-d38d-4774-83ee-71cdb8df7cbd"},
      {"amz-sdk-request", "attempt=1; max=1"},
      {"x-amz-date", "20261121T184125Z"},
      {"x-amz-content-sha256", "c3335e07d6e89650bf94cb98664be69f8774dbc3198df221f113db0a59ea14f0"}};
  SigningRequest request{
      .method = "POST",
      .host = "127.0.0.1:38695",
      .path = "/model/anthropic.claude-3-5-sonnet-20240620-v1%3A0/converse",
      .query = "",
      .headers = headers,
      .payload = PayloadHash::of(R"({"messages":[{"role":"user","content":[{"text":"hi"}]}]})")};
  const auto at = sys_days(year(2026) / 11 / 21) + 18h + 41min + 25s;
  const base::Secret secret{std::string(kSecretText)};
  SignatureVerifier verifier;
  const auto claim = parse_authorization(kAuthorization);
  ASSERT_TRUE(claim);
  EXPECT_TRUE(verifier.verify(*claim, request, &secret, {}, at));
  request.host = "127.0.0.1:38696";
  EXPECT_FALSE(verifier.verify(*claim, request, &secret, {}, at));
}

TEST(ParseAuthorization, AsSdksWriteIt_IsRead) {
  const std::string hex(64, 'a');
  for (const std::string& text :
       {"AWS4-HMAC-SHA256 Credential=AK/ID/20260102/us-east-1/bedrock/aws4_request, SignedHeaders=host;x, "
        "Signature=" +
            hex,
        "AWS4-HMAC-SHA256 Signature=" + hex +
            ",SignedHeaders=host;x,Credential=AK/ID/20260102/us-east-1/bedrock/aws4_request"}) {
    const auto claim = parse_authorization(text);
    ASSERT_TRUE(claim) << text;
    EXPECT_EQ(claim->access_key_id, "AK/ID");
    EXPECT_EQ(claim->date, "20260102");
    EXPECT_EQ(claim->region, "us-east-1");
    EXPECT_EQ(claim->service, "bedrock");
    EXPECT_EQ(claim->signed_headers, "host;x");
    EXPECT_EQ(claim->signature, hex);
  }
}

TEST(ParseAuthorization, AnythingElse_IsTheOneError) {
  const std::string right =
      "AWS4-HMAC-SHA256 Credential=AK/20260102/us-east-1/bedrock/aws4_request, SignedHeaders=host, "
      "Signature=" +
      std::string(64, 'a');
  ASSERT_TRUE(parse_authorization(right));
  const std::string long_id(129, 'A');
  for (const auto& [what, with] : std::vector<std::pair<std::string, std::string>>{
           {right, ""},
           {" Credential", "Credential"},
           {"AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"},
           {"AWS4-HMAC-SHA256", "Bearer"},
           {"Credential=AK/20260102/us-east-1/bedrock/aws4_request, ", ""},
           {"SignedHeaders=host, ", ""},
           {"SignedHeaders=host, ", "SignedHeaders=, "},
           {", Signature=", ", Signatur="},
           {"SignedHeaders=host, ", "SignedHeaders=host, SignedHeaders=host, "},
           {"SignedHeaders=host, ", "SignedHeaders=host, More=1, "},
           {"SignedHeaders=host, ", "SignedHeaders=host, , "},
           {"aaaa", "aaaaa"},
           {"aaaa", "aaa"},
           {"aaaa", "aaaA"},
           {"aaaa", "aaag"},
           {"AK/", "/"},
           {"AK/", long_id + "/"},
           {"AK/20260102/us-east-1/bedrock/", ""},
           {"20260102", "2026010"},
           {"us-east-1", ""},
           {"bedrock", ""},
           {"aws4_request", "aws4"},
       }) {
    std::string text = right;
    text.replace(text.find(what), what.size(), with);
    const auto claim = parse_authorization(text);
    ASSERT_FALSE(claim) << text;
    EXPECT_EQ(claim.error().kind, base::ErrorKind::kUnauthenticated);
  }
}

TEST(IsSigV4, OtherSchemes_AreNot) {
  EXPECT_TRUE(is_sigv4("AWS4-HMAC-SHA256 Credential=…"));
  EXPECT_FALSE(is_sigv4("AWS4-HMAC-SHA256"));
  EXPECT_FALSE(is_sigv4("Bearer AWS4-HMAC-SHA256 x"));
}

}  // namespace
}  // namespace caprock::aws
