#include "server/access.h"

#include <gtest/gtest.h>

namespace caprock::server {
namespace {

Request from(std::string authority, std::string origin = "") {
  Request request;
  request.authority = std::move(authority);
  if (!origin.empty()) request.headers.add("Origin", std::move(origin));
  return request;
}

TEST(AccessRules, Host_MustBeOurs) {
  Settings settings;
  settings.allowed_hosts = {"caprock.example", "[fd00::1]:80"};
  const AccessRules rules(settings);
  for (const char* host : {"localhost:8080", "127.0.0.1", "[::1]:1", "CAPROCK.example", "[fd00::1]"})
    EXPECT_TRUE(rules.check_host(from(host))) << host;
  for (const char* host : {"evil.example", "127.0.0.1.evil.example", "10.0.0.1", "localhost.evil.example"})
    EXPECT_EQ(rules.check_host(from(host)).error().kind, base::ErrorKind::kPermissionDenied) << host;
  for (const char* host : {"", "a b", "x@localhost"})
    EXPECT_EQ(rules.check_host(from(host)).error().kind, base::ErrorKind::kInvalidArgument) << host;
}

TEST(AccessRules, AnyAddress_TakesAddressesButNoNames) {
  Settings settings;
  settings.listen = "0.0.0.0:8080";
  EXPECT_TRUE(AccessRules(settings).check_host(from("10.1.2.3:8080")));
  EXPECT_FALSE(AccessRules(settings).check_host(from("rebound.example:8080")));
  settings.allowed_hosts = {"*"};
  EXPECT_TRUE(AccessRules(settings).check_host(from("rebound.example:8080")));
}

TEST(AccessRules, Origin_MustBeOursOrListed) {
  Settings settings;
  settings.allowed_origins = {"https://app.example:443"};
  const AccessRules rules(settings);
  for (const char* origin : {"", "http://localhost:8080", "https://localhost:8080", "https://app.example"})
    EXPECT_TRUE(rules.check_origin(from("localhost:8080", origin))) << origin;
  for (const char* origin : {"http://localhost:8081", "http://localhost", "null", "https://evil.example",
                             "http://app.example", "https://app.example.evil"})
    EXPECT_EQ(rules.check_origin(from("localhost:8080", origin)).error().field, "origin") << origin;
}

TEST(AccessRules, CorsOrigin_IsOnlyAListedForeignOne) {
  Settings settings;
  settings.allowed_origins = {"https://app.example"};
  const AccessRules rules(settings);
  EXPECT_EQ(rules.cors_origin(from("localhost", "https://app.example")), "https://app.example");
  EXPECT_EQ(rules.cors_origin(from("localhost", "http://localhost")), "");
  EXPECT_EQ(rules.cors_origin(from("localhost", "https://evil.example")), "");
}

}  // namespace
}  // namespace caprock::server
