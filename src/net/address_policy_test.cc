#include "net/address_policy.h"

#include <gmock/gmock.h>

namespace caprock::net {
namespace {

using testing::HasSubstr;

IpAddress ip(std::string_view text) { return IpAddress::parse(text).value(); }

class ForbiddenAddress : public testing::TestWithParam<const char*> {};
TEST_P(ForbiddenAddress, UsersUrl_IsRefused) {
  EXPECT_TRUE(forbidden_reason(ip(GetParam())));
  EXPECT_FALSE(AddressPolicy().check(Trust::kUser, "host", ip(GetParam())));
  EXPECT_TRUE(AddressPolicy().check(Trust::kOperator, "host", ip(GetParam())));
}
INSTANTIATE_TEST_SUITE_P(All, ForbiddenAddress,
                         testing::Values("0.0.0.0", "10.0.0.1", "10.255.255.255", "100.64.0.1",
                                         "100.127.255.255", "127.0.0.1", "127.8.9.1", "168.63.129.16",
                                         "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1",
                                         "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1",
                                         "198.19.255.255", "198.51.100.7", "203.0.113.7", "224.0.0.1",
                                         "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:8.8.8.8",
                                         "::ffff:169.254.169.254", "64:ff9b::808:808", "64:ff9b:1::1",
                                         "fc00::1", "fd00:ec2::254", "fe80::1", "ff02::1", "2001::1",
                                         "2001:db8::1", "2002:a00:1::", "3fff::1", "4000::1", "::8.8.8.8"));

class PublicAddress : public testing::TestWithParam<const char*> {};
TEST_P(PublicAddress, UsersUrl_IsAllowed) {
  EXPECT_TRUE(AddressPolicy().check(Trust::kUser, "host", ip(GetParam())));
}
INSTANTIATE_TEST_SUITE_P(All, PublicAddress,
                         testing::Values("1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255",
                                         "100.128.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255",
                                         "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700::1111",
                                         "2a00:1450:4001::1", "2001:4860:4860::8888"));

TEST(AddressPolicy, AllowedNetworkAndHost_ArePassed) {
  const AddressPolicy policy = AddressPolicy::create({"10.1.0.0/16", "fd00::/8", "Wiki.Corp"}).value();
  EXPECT_TRUE(policy.check(Trust::kUser, "x", ip("10.1.2.3")));
  EXPECT_FALSE(policy.check(Trust::kUser, "x", ip("10.2.0.1")));
  EXPECT_TRUE(policy.check(Trust::kUser, "x", ip("fd12::1")));
  EXPECT_TRUE(policy.check(Trust::kUser, "wiki.corp", ip("192.168.0.9")));
  EXPECT_FALSE(policy.check(Trust::kUser, "evil.wiki.corp", ip("192.168.0.9")));
}

TEST(AddressPolicy, Refusal_SaysWhyButNotWhichAddress) {
  const auto verdict = AddressPolicy().check(Trust::kUser, "intranet", ip("10.0.0.7"));
  ASSERT_FALSE(verdict);
  EXPECT_EQ(verdict.error().kind, base::ErrorKind::kInvalidArgument);
  EXPECT_EQ(verdict.error().message,
            "intranet leads to a private address, which a URL may not do; [net] allow lists exceptions");
  EXPECT_THAT(verdict.error().detail, HasSubstr("10.0.0.7"));
}

TEST(AddressPolicy, WrongEntry_IsNamed) {
  for (const char* bad : {"10.0.0.0/33", "10.0.0.0/x", "a b", "", "http://x", "fd00::/129"}) {
    const auto policy = AddressPolicy::create({bad});
    ASSERT_FALSE(policy) << bad;
    EXPECT_EQ(policy.error().field, "net.allow");
  }
}

TEST(IpAddress, Text_ReadsBack) {
  for (const char* text : {"1.2.3.4", "2001:4860:4860::8888", "::1"}) EXPECT_EQ(ip(text).text(), text);
  for (const char* bad : {"", "1.2.3", "01.2.3.4", "0x7f.1", "[::1]", "fe80::1%eth0", "1.2.3.4 "})
    EXPECT_FALSE(IpAddress::parse(bad)) << bad;
}

}  // namespace
}  // namespace caprock::net
