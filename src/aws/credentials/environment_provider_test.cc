#include "aws/credentials/environment_provider.h"

#include "aws/credentials/bearer_provider.h"
#include "aws/credentials/testing/provider_fixture.h"

namespace caprock::aws {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class EnvironmentProviderTest : public testing::ProviderTest {
 protected:
  base::Result<Fetched> with(const Environment& environment) {
    return fetch(environment_provider(environment));
  }
};

TEST_F(EnvironmentProviderTest, Keys_AreRead) {
  auto got = with({{"AWS_ACCESS_KEY_ID", "AK"},
                   {"AWS_SECRET_ACCESS_KEY", "SK"},
                   {"AWS_SESSION_TOKEN", "T"},
                   {"AWS_ACCOUNT_ID", "123456789012"},
                   {"AWS_CREDENTIAL_EXPIRATION", "2026-01-02T04:04:05Z"}});
  ASSERT_TRUE(got && *got);
  EXPECT_EQ((*got)->access_key_id, "AK");
  EXPECT_EQ((*got)->secret_access_key.reveal(), "SK");
  EXPECT_EQ((*got)->session_token.reveal(), "T");
  EXPECT_EQ((*got)->account_id, "123456789012");
  EXPECT_EQ((*got)->expires, clock_.wall() + std::chrono::hours(1));
  EXPECT_EQ((*got)->source, "environment");
}

TEST_F(EnvironmentProviderTest, BedrockSpelling_ComesFirstAndIsNeverMixed) {
  auto got = with({{"AWS_BEDROCK_ACCESS_KEY_ID", "B"},
                   {"AWS_BEDROCK_SECRET_ACCESS_KEY", "BS"},
                   {"AWS_ACCESS_KEY_ID", "A"},
                   {"AWS_SECRET_ACCESS_KEY", "AS"},
                   {"AWS_SESSION_TOKEN", "T"}});
  ASSERT_TRUE(got && *got);
  EXPECT_EQ((*got)->access_key_id, "B");
  EXPECT_EQ((*got)->secret_access_key.reveal(), "BS");
  EXPECT_TRUE((*got)->session_token.empty());
  const auto half = with({{"AWS_BEDROCK_ACCESS_KEY_ID", "B"}, {"AWS_SECRET_ACCESS_KEY", "AS"}});
  ASSERT_FALSE(half);
  EXPECT_EQ(half.error().field, "AWS_BEDROCK_SECRET_ACCESS_KEY");
}

TEST_F(EnvironmentProviderTest, NotSetOrEmpty_IsNothing) {
  EXPECT_THAT(with({})->because(), HasSubstr("AWS_ACCESS_KEY_ID"));
  EXPECT_FALSE(*with({{"AWS_ACCESS_KEY_ID", ""}, {"AWS_SECRET_ACCESS_KEY", ""}}));
}

TEST_F(EnvironmentProviderTest, HalfAPair_NamesTheMissingVariable) {
  EXPECT_EQ(with({{"AWS_ACCESS_KEY_ID", "A"}}).error().field, "AWS_SECRET_ACCESS_KEY");
  EXPECT_EQ(with({{"AWS_SECRET_ACCESS_KEY", "A"}}).error().field, "AWS_ACCESS_KEY_ID");
}

TEST_F(EnvironmentProviderTest, ValuesThatCannotTravelInAHeader_AreRefusedWithoutQuotingThem) {
  const auto refused = with({{"AWS_ACCESS_KEY_ID", "A"}, {"AWS_SECRET_ACCESS_KEY", "HIDDEN\n"}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().field, "AWS_SECRET_ACCESS_KEY");
  EXPECT_THAT(refused.error().message + refused.error().detail, Not(HasSubstr("HIDDEN")));
  const Environment late{
      {"AWS_ACCESS_KEY_ID", "A"}, {"AWS_SECRET_ACCESS_KEY", "S"}, {"AWS_CREDENTIAL_EXPIRATION", "x"}};
  EXPECT_EQ(with(late).error().field, "AWS_CREDENTIAL_EXPIRATION");
}

TEST_F(EnvironmentProviderTest, BearerToken_IsCredentialsOfItsOwnKind) {
  auto got = fetch(bearer_provider(base::Secret("token")));
  ASSERT_TRUE(got && *got);
  EXPECT_TRUE((*got)->is_bearer());
  EXPECT_EQ((*got)->bearer_token.reveal(), "token");
  EXPECT_TRUE((*got)->access_key_id.empty());
  EXPECT_FALSE(*fetch(bearer_provider({})));
  EXPECT_FALSE(fetch(bearer_provider(base::Secret("a b"))));
}

}  // namespace
}  // namespace caprock::aws
