#include "aws/credentials/shared_config.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "aws/credentials/command_words.h"
#include "aws/credentials/time_text.h"

namespace caprock::aws {
namespace {

using ::testing::ElementsAre;

TEST(SharedConfig, ConfigFile_NamesProfilesByPrefix) {
  const SharedConfig config = merge_shared(
      read_ini(
          "[default]\nregion=a\n[profile dev]\nregion=b\n[dev2]\nregion=c\n[sso-session s]\nsso_region=d\n"
          "[services x]\nsts=\n  endpoint_url=http://h\n"),
      {});
  ASSERT_NE(config.profile("default"), nullptr);
  ASSERT_NE(config.profile("dev"), nullptr);
  EXPECT_EQ(config.profile("dev2"), nullptr);
  EXPECT_EQ(config.sso_sessions.at("s").text("sso_region"), "d");
  EXPECT_EQ(config.services.at("x").text("sts", "endpoint_url"), "http://h");
  EXPECT_EQ(config.services.at("x").text("sts", "other"), "");
}

TEST(SharedConfig, CredentialsFile_WinsKeyByKey) {
  const SharedConfig config = merge_shared(read_ini("[profile dev]\nregion=b\naws_access_key_id=old\n"),
                                           read_ini("[dev]\naws_access_key_id=new\n[profile other]\nx=1\n"));
  EXPECT_EQ(config.profile("dev")->text("region"), "b");
  EXPECT_EQ(config.profile("dev")->text("aws_access_key_id"), "new");
  EXPECT_EQ(config.profile("other"), nullptr);
}

TEST(SharedConfig, ProfileDefault_IsPreferredToDefault) {
  const SharedConfig config =
      merge_shared(read_ini("[profile default]\nregion=a\n[default]\nregion=b\noutput=json\n"), {});
  EXPECT_EQ(config.profile("default")->text("region"), "a");
  EXPECT_FALSE(config.profile("default")->has("output"));
}

TEST(SharedConfig, Files_AreWhereTheVariablesSay) {
  const SharedFiles usual = shared_files({{"HOME", "/home/u"}});
  EXPECT_EQ(usual.config, "/home/u/.aws/config");
  EXPECT_EQ(usual.credentials, "/home/u/.aws/credentials");
  const SharedFiles named = shared_files(
      {{"HOME", "/home/u"}, {"AWS_CONFIG_FILE", "~/c"}, {"AWS_SHARED_CREDENTIALS_FILE", "/etc/keys"}});
  EXPECT_EQ(named.config, "/home/u/c");
  EXPECT_EQ(named.credentials, "/etc/keys");
}

TEST(SharedConfig, MissingFiles_AreEmptyAndLargeOrOddOnesRefused) {
  const auto folder = std::filesystem::path(::testing::TempDir()) / "caprock-shared-config";
  std::filesystem::create_directories(folder);
  const std::string absent = folder / "absent";
  EXPECT_TRUE(load_shared_config({absent, absent}).value().profiles.empty());
  EXPECT_TRUE(load_shared_config({"/dev/null", "/dev/null"}).value().profiles.empty());
  const std::string large = folder / "large";
  std::ofstream(large) << std::string((1 << 20) + 1, '#');
  const auto refused = load_shared_config({large, absent});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, base::ErrorKind::kInvalidArgument);
  EXPECT_FALSE(load_shared_config({absent, folder}));
  std::filesystem::remove_all(folder);
}

TEST(CommandWords, QuotesAndBackslashes_AreAShells) {
  EXPECT_THAT(command_words(R"(/opt/tool --name "a b" 'c "d"' e\ f "g\"h\\i\n" '')").value(),
              ElementsAre("/opt/tool", "--name", "a b", "c \"d\"", "e f", "g\"h\\i\\n", ""));
  EXPECT_THAT(command_words("echo $HOME | cat `x`;y").value(),
              ElementsAre("echo", "$HOME", "|", "cat", "`x`;y"));
}

TEST(CommandWords, OpenQuoteOrNoWord_IsNothing) {
  for (const char* text : {"", "  ", "a 'b", "a \"b", "a \\"}) EXPECT_FALSE(command_words(text)) << text;
  EXPECT_FALSE(command_words(std::string_view("a\0b", 3)));
}

TEST(ParseTime, FormsThatServicesWrite_AreRead) {
  const auto expected = base::WallTime(std::chrono::seconds(1767323045));  // date -ud 2026-01-02T03:04:05 +%s
  for (const char* text :
       {"2026-01-02T03:04:05Z", "2026-01-02T03:04:05.123Z", "2026-01-02T03:04:05UTC",
        "2026-01-02 03:04:05+00:00", "2026-01-02T05:04:05+0200", "2026-01-01T22:04:05-05:00"})
    EXPECT_EQ(parse_time(text), expected) << text;
  EXPECT_EQ(parse_time("9999-12-31T23:59:59Z"), base::WallTime::max());
}

TEST(ParseTime, AnythingElse_IsNothing) {
  for (const char* text :
       {"", "2026-01-02", "2026-13-02T03:04:05Z", "2026-02-30T03:04:05Z", "2026-01-02T24:04:05Z",
        "2026-01-02T03:04:05", "2026-01-02T03:04:05.Z", "2026-01-02T03:04:05Zx", "1767323045",
        "1969-12-31T23:59:59Z", "2026-01-02T03:04:05+1"})
    EXPECT_FALSE(parse_time(text)) << text;
}

}  // namespace
}  // namespace caprock::aws
