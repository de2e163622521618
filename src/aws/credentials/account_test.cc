#include "aws/credentials/account.h"

#include "aws/credentials/testing/provider_fixture.h"

namespace caprock::aws {
namespace {

class AccountTest : public testing::ProviderTest {
 public:
  ~AccountTest() override { run(close()); }

 protected:
  AccountTest() { settings_.imds_disabled = true; }
  void make() {
    account_ = std::make_unique<Account>(settings_, tools_.environment,
                                         AccountTools{http_, pool_, clock_, loop_.get_executor()});
  }
  base::Awaitable<bool> close() {
    co_await account_->close();
    co_return true;
  }
  std::string url(Service service) { return account_->endpoint(service).value().url.text(); }

  CredentialSettings settings_;
  std::unique_ptr<Account> account_;
};

TEST_F(AccountTest, RegionAndEndpoints_ComeFromTheProfileWhereNothingElseSaysThem) {
  write(".aws/config",
        "[profile dev]\nregion=eu-west-3\nservices=local\nsts_regional_endpoints=regional\n"
        "[services local]\nbedrock_runtime =\n  endpoint_url = http://127.0.0.1:99/base\n");
  settings_.profile = "dev";
  make();
  EXPECT_EQ(account_->region(Service::kBedrock), "eu-west-3");
  EXPECT_EQ(url(Service::kBedrockRuntime), "http://127.0.0.1:99/base");
  EXPECT_EQ(url(Service::kSts), "https://sts.eu-west-3.amazonaws.com/");
}

TEST_F(AccountTest, SettingsAndVariables_ComeBeforeTheProfile) {
  write(".aws/config", "[default]\nregion=eu-west-3\n");
  settings_.region = "us-west-2";
  tools_.environment["AWS_ENDPOINT_URL_STS"] = "http://127.0.0.1:98";
  make();
  EXPECT_EQ(account_->region(Service::kSts), "us-west-2");
  EXPECT_EQ(url(Service::kSts), "http://127.0.0.1:98/");
  EXPECT_EQ(url(Service::kSecretsManager), "https://secretsmanager.us-west-2.amazonaws.com/");
}

TEST_F(AccountTest, RegionOfBedrock_IsForItsServicesOnly) {
  settings_.region = "eu-west-1";
  settings_.bedrock_region = "us-east-1";
  make();
  EXPECT_EQ(url(Service::kBedrockRuntime), "https://bedrock-runtime.us-east-1.amazonaws.com/");
  EXPECT_EQ(url(Service::kBedrockAgentRuntime), "https://bedrock-agent-runtime.us-east-1.amazonaws.com/");
  EXPECT_EQ(url(Service::kSts), "https://sts.eu-west-1.amazonaws.com/");
}

TEST_F(AccountTest, BearerToken_IsForBedrockOnly) {
  settings_.bearer_token = base::Secret("B");
  tools_.environment["AWS_ACCESS_KEY_ID"] = "A";
  tools_.environment["AWS_SECRET_ACCESS_KEY"] = "S";
  make();
  EXPECT_TRUE(run(account_->bedrock().get(context_)).value()->is_bearer());
  EXPECT_EQ(run(account_->keys().get(context_)).value()->access_key_id, "A");
}

TEST_F(AccountTest, FilesThatCannotBeRead_StopNothingButTheRequest) {
  std::filesystem::create_directories(folder_ / ".aws/config");
  make();
  EXPECT_EQ(&account_->bedrock(), &account_->keys());
  EXPECT_EQ(run(account_->keys().get(context_)).error().kind, base::ErrorKind::kInvalidArgument);
  EXPECT_FALSE(account_->endpoint(Service::kBedrockRuntime));
}

}  // namespace
}  // namespace caprock::aws
