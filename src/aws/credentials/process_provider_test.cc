#include "aws/credentials/process_provider.h"

#include "aws/credentials/testing/provider_fixture.h"

namespace caprock::aws {
namespace {

using base::ErrorKind;
using ::testing::HasSubstr;
using ::testing::Not;

class ProcessProviderTest : public testing::ProviderTest {
 protected:
  base::Result<Fetched> run_script(const std::string& script, ProcessLimits limits = {}) {
    const std::string path = write("tool.sh", script);
    return fetch(
        process_provider(tools_, {.command = "/bin/sh '" + path + "' 'a b'", .account_id = "7"}, limits));
  }
};

TEST_F(ProcessProviderTest, Output_IsReadAndWordsArePassedWhole) {
  const auto got = run_script(R"sh([ "$1" = "a b" ] && [ ! -t 0 ] && echo noise >&2
echo '{"Version":1,"AccessKeyId":"AK","SecretAccessKey":"SK","SessionToken":"T","Expiration":"2026-01-02T04:04:05Z"}')sh");
  ASSERT_TRUE(got && *got) << got.error().message;
  EXPECT_EQ((**got).access_key_id, "AK");
  EXPECT_EQ((**got).account_id, "7");
  EXPECT_EQ((**got).expires, clock_.wall() + std::chrono::hours(1));
  EXPECT_FALSE((**got).fixed);
}

TEST_F(ProcessProviderTest, WithoutExpiration_ItIsNotRunAgain) {
  const auto got = run_script(R"(echo '{"Version":1,"AccessKeyId":"AK","SecretAccessKey":"SK"}')");
  ASSERT_TRUE(got && *got) << got.error().message;
  EXPECT_TRUE((**got).fixed);
}

TEST_F(ProcessProviderTest, FailureOrOddOutput_IsAnErrorWithoutSecrets) {
  for (const char* script : {"echo HIDDEN; exit 3", "kill -9 $$", "echo HIDDEN",
                             "echo '{\"Version\":2,\"AccessKeyId\":\"HIDDEN\"}'",
                             "echo '{\"Version\":1,\"AccessKeyId\":\"HIDDEN\"}'", "true"}) {
    const auto refused = run_script(script);
    ASSERT_FALSE(refused) << script;
    EXPECT_EQ(refused.error().kind, ErrorKind::kUpstream) << script;
    EXPECT_THAT(refused.error().message + refused.error().detail, Not(HasSubstr("HIDDEN")));
  }
}

TEST_F(ProcessProviderTest, ProgramThatCannotBeStarted_IsNamedAsASetting) {
  for (const char* command : {"/no/such/program", "'open", ""}) {
    const auto refused = fetch(process_provider(tools_, {.command = command, .account_id = {}}));
    ASSERT_FALSE(refused) << command;
    EXPECT_EQ(refused.error().field, "credential_process") << command;
  }
}

TEST_F(ProcessProviderTest, TimeAndSize_AreLimited) {
  const auto slow = run_script("sleep 600 & sleep 600", {.time = std::chrono::milliseconds(100)});
  ASSERT_FALSE(slow);
  EXPECT_EQ(slow.error().kind, ErrorKind::kUnavailable);
  const auto large = run_script("yes", {.output = 1000});
  ASSERT_FALSE(large);
  EXPECT_THAT(large.error().message, HasSubstr("too much"));
  const auto closed = run_script("exec >&-; sleep 600", {.time = std::chrono::milliseconds(100)});
  EXPECT_EQ(closed.error().kind, ErrorKind::kUnavailable);
}

TEST_F(ProcessProviderTest, Cancellation_EndsTheProgram) {
  std::stop_source stop;
  context_.cancelled = stop.get_token();
  const std::string path = write("tool.sh", "kill -0 $$; sleep 600");
  const auto provider = process_provider(tools_, {.command = "/bin/sh " + path, .account_id = {}});
  std::jthread later([&] {
    while (pool_.queued() != 0) std::this_thread::yield();
    stop.request_stop();
  });
  EXPECT_EQ(fetch(provider).error().kind, ErrorKind::kCancelled);
}

TEST_F(ProcessProviderTest, OtherDescriptors_AreNotInherited) {
  const auto got = run_script(
      R"sh(for n in 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$n ] && exit $n; done
echo '{"Version":1,"AccessKeyId":"AK","SecretAccessKey":"SK"}')sh");
  EXPECT_TRUE(got && *got) << got.error().message;
}

}  // namespace
}  // namespace caprock::aws
