#include "server/auth.h"

#include <gtest/gtest.h>

#include "server/test_support.h"

namespace caprock::server {
namespace {

using base::ErrorKind;
using base::Secret;

base::Result<base::Principal> authorize(const Auth& auth, AuthClass required, Headers headers) {
  Request request;
  request.headers = std::move(headers);
  return run(auth.authorize(required, request));
}

Settings with_keys() {
  Settings settings;
  settings.api_keys = {Secret("key-one"), Secret("key-two")};
  return settings;
}

TEST(Auth, LoopbackWithoutKeys_IsOpenToAnyKey) {
  const Auth auth(Settings{}, Secret("owner"));
  EXPECT_TRUE(authorize(auth, AuthClass::kUser, {}));
  EXPECT_TRUE(authorize(auth, AuthClass::kAdmin, {{"authorization", "Bearer sk-whatever"}}));
}

TEST(Auth, ConfiguredKeys_AreNeededInEitherHeader) {
  const Auth auth(with_keys(), Secret("owner"));
  EXPECT_EQ(authorize(auth, AuthClass::kUser, {}).error().kind, ErrorKind::kUnauthenticated);
  EXPECT_TRUE(authorize(auth, AuthClass::kUser, {{"Authorization", "bearer  key-two"}}));
  EXPECT_TRUE(authorize(auth, AuthClass::kUser, {{"X-Api-Key", "key-one"}}));
  EXPECT_TRUE(authorize(auth, AuthClass::kUser, {{"x-api-key", "owner"}}));
  EXPECT_TRUE(authorize(auth, AuthClass::kPublic, {}));
  for (const char* wrong : {"key-on", "key-one ", "key-onE", "Basic key-one"})
    EXPECT_EQ(authorize(auth, AuthClass::kUser, {{"x-api-key", wrong}}).error().kind,
              ErrorKind::kUnauthenticated);
}

TEST(Auth, Principal_NamesTheKeyWithoutShowingIt) {
  const Auth auth(with_keys(), {});
  const auto principal = authorize(auth, AuthClass::kUser, {{"x-api-key", "key-one"}});
  EXPECT_EQ(principal->key_id.substr(0, 4), "key-");
  EXPECT_EQ(principal->key_id.find("one"), std::string::npos);
  EXPECT_EQ(principal->tenant.str(), "default");
}

// Says that it knows whoever sends x-test, with no role at all.
class TestAuthenticator final : public Authenticator {
 public:
  base::Awaitable<base::Result<std::optional<base::Principal>>> authenticate(Request& request) override {
    if (!request.headers.has("x-test")) co_return std::nullopt;
    co_return base::Principal{.user = "tester"};
  }
};

TEST(Auth, AdminRoute_NeedsTheRole) {
  Auth auth(with_keys(), {});
  auth.add(std::make_unique<TestAuthenticator>());
  EXPECT_EQ(authorize(auth, AuthClass::kUser, {{"x-test", "1"}})->user, "tester");
  EXPECT_EQ(authorize(auth, AuthClass::kAdmin, {{"x-test", "1"}}).error().kind, ErrorKind::kPermissionDenied);
}

}  // namespace
}  // namespace caprock::server
