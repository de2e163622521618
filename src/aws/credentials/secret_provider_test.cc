#include "aws/credentials/secret_provider.h"

#include "aws/credentials/testing/provider_fixture.h"

namespace caprock::aws {
namespace {

using base::ErrorKind;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::reply;

TEST(ReadSecret, SpellingsOfTheFields_AreAllRead) {
  for (const char* text :
       {R"({"access_key_id":"AK","secret_access_key":"SK","session_token":"T"})",
        R"({"AccessKeyId":"AK","SecretAccessKey":"SK","SessionToken":"T"})",
        R"({"AWS_ACCESS_KEY_ID":"AK","AWS_SECRET_ACCESS_KEY":"SK","AWS_SESSION_TOKEN":"T","x":1})"}) {
    const auto got = read_secret(text);
    ASSERT_TRUE(got) << text << got.error().message;
    EXPECT_EQ(got->access_key_id, "AK");
    EXPECT_EQ(got->secret_access_key.reveal(), "SK");
    EXPECT_EQ(got->session_token.reveal(), "T");
  }
  for (const char* text : {R"({"bearer_token":"B"})", R"({"AWS_BEARER_TOKEN_BEDROCK":"B"})"})
    EXPECT_EQ(read_secret(text).value().bearer_token.reveal(), "B");
}

TEST(ReadSecret, AnythingElse_IsAnErrorWithoutItsText) {
  for (const char* text : {"HIDDEN", "[]", "{}", R"({"access_key_id":"HIDDEN"})",
                           R"({"access_key_id":"A","secret_access_key":7})",
                           R"({"access_key_id":"A","AccessKeyId":"HIDDEN","secret_access_key":"S"})",
                           R"({"bearer_token":"HID DEN"})"}) {
    const auto refused = read_secret(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().kind, ErrorKind::kUpstream);
    EXPECT_THAT(refused.error().message, Not(HasSubstr("HID")));
  }
}

class SecretProviderTest : public testing::ProviderTest {
 protected:
  base::Result<Fetched> ask(const std::string& id = "bedrock/keys") {
    return fetch(secret_provider(tools_, testing::fake_keys(), id));
  }
};

TEST_F(SecretProviderTest, GetSecretValue_IsSignedAndRead) {
  serve([](const std::string&) {
    return reply(200,
                 R"({"ARN":"a","SecretString":"{\"access_key_id\":\"AK\",\"secret_access_key\":\"SK\"}"})");
  });
  const auto got = ask();
  ASSERT_TRUE(got && *got) << got.error().message;
  EXPECT_EQ((**got).access_key_id, "AK");
  EXPECT_EQ((**got).source, "secret 'bedrock/keys', read with fake");
  EXPECT_THAT(request(0), HasSubstr("x-amz-target: secretsmanager.GetSecretValue\r\n"));
  EXPECT_THAT(request(0), HasSubstr("Credential=AKBASE/20260102/eu-west-1/secretsmanager/aws4_request"));
  EXPECT_THAT(request(0), EndsWith(R"({"SecretId":"bedrock/keys"})"));
  ASSERT_TRUE(ask("arn:aws:secretsmanager:us-west-2:123456789012:secret:x-AbCdEf"));
  EXPECT_THAT(request(1), HasSubstr("/us-west-2/secretsmanager/"));
}

TEST_F(SecretProviderTest, Refusals_KeepTheCode) {
  std::string answer;
  serve([&](const std::string&) { return answer; });
  answer = reply(400, R"({"__type":"com.amazonaws#ResourceNotFoundException","message":"not there"})");
  EXPECT_EQ(ask().error().kind, ErrorKind::kUpstream);
  EXPECT_THAT(ask().error().message, HasSubstr("(ResourceNotFoundException)"));
  EXPECT_EQ(ask().error().detail, "not there");
  answer = reply(500, "");
  EXPECT_EQ(ask().error().kind, ErrorKind::kUnavailable);
  answer = reply(200, R"({"SecretBinary":"AAAA"})");
  EXPECT_THAT(ask().error().message, HasSubstr("SecretString"));
}

}  // namespace
}  // namespace caprock::aws
