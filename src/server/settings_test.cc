#include "server/settings.h"

#include <gtest/gtest.h>

namespace caprock::server {
namespace {

TEST(Settings, Defaults_AreSound) { EXPECT_TRUE(Settings{}.check()); }

TEST(Settings, OpenAddressWithoutKey_IsRefusedWithTheRemedy) {
  Settings settings;
  settings.listen = "0.0.0.0:8080";
  EXPECT_TRUE(settings.check_reach(true));
  const auto checked = settings.check_reach(false);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().field, "server.api_keys");
  EXPECT_NE(checked.error().message.find("CAPROCK_API_KEY"), std::string::npos);
  settings.api_keys = {base::Secret("k")};
  EXPECT_TRUE(settings.check_reach(false));
}

TEST(Settings, HalfOfTls_IsRefused) {
  Settings settings;
  settings.tls_certificate = "a.pem";
  EXPECT_EQ(settings.check().error().field, "server.tls_key");
}

TEST(Settings, UnusableValues_AreNamed) {
  Settings settings;
  settings.api_keys = {base::Secret("two words")};
  EXPECT_EQ(settings.check().error().field, "server.api_keys");
  settings = {};
  settings.allowed_origins = {"app.example"};
  EXPECT_EQ(settings.check().error().field, "server.allowed_origins");
  settings = {};
  settings.allowed_hosts = {"http://x"};
  EXPECT_EQ(settings.check().error().field, "server.allowed_hosts");
}

TEST(ParseListen, Forms_AreRead) {
  EXPECT_EQ(parse_listen("127.0.0.1:8080")->port, 8080);
  EXPECT_EQ(parse_listen("localhost:0")->host, "127.0.0.1");
  EXPECT_EQ(parse_listen("[::1]:1")->host, "::1");
  EXPECT_TRUE(parse_listen(":80")->any());
  EXPECT_TRUE(parse_listen("127.8.8.8:80")->loopback());
  EXPECT_FALSE(parse_listen("127.evil.example:80"));
  for (const char* text : {"", "8080", "127.0.0.1", "1.2.3.4:99999", "example.com:80", "1.2.3.4:x", "::1:80"})
    EXPECT_FALSE(parse_listen(text)) << text;
}

TEST(Settings, Describe_TargetsItsOwnMembers) {
  Settings settings;
  for (const base::Setting& setting : settings.describe().settings)
    if (setting.key == "max_body") std::get<base::Bytes*>(setting.target)->count = 7;
  EXPECT_EQ(settings.max_body.count, 7U);
}

}  // namespace
}  // namespace caprock::server
