#include <boost/json.hpp>

#include "server/surfaces/rest/testing/rest_fixture.h"

namespace caprock::server::rest {
namespace {

namespace json = boost::json;

class KeyOperationsTest : public testing::RestTest {};

TEST_F(KeyOperationsTest, Create_ShowsEverythingOnce) {
  const auto made = post("/keys", R"({"name":"ci"})");
  EXPECT_EQ(made.status, 201);
  const auto key = json_of(made);
  EXPECT_FALSE(key.at("api_key").as_string().empty());
  EXPECT_FALSE(key.at("secret_access_key").as_string().empty());
  EXPECT_EQ(key.at("roles"), json::array{"user"});

  const auto listed = get("/keys");
  EXPECT_EQ(listed.body.find(std::string(key.at("api_key").as_string())), std::string::npos);
  EXPECT_EQ(listed.body.find(std::string(key.at("secret_access_key").as_string())), std::string::npos);
  EXPECT_EQ(json_of(listed).at("keys").at(0).at("key_id"), key.at("key_id"));
}

TEST_F(KeyOperationsTest, Create_WithoutAName_NamesTheField) {
  EXPECT_EQ(error_of(post("/keys", R"({"name":" "})")).substr(0, 9), "400|name|");
  EXPECT_EQ(error_of(post("/keys", R"({})")).substr(0, 9), "400|name|");
}

TEST_F(KeyOperationsTest, Revoke_IsSeenInTheList) {
  const auto key = json_of(post("/keys", R"({"name":"ci","admin":true})"));
  const std::string id(key.at("key_id").as_string());
  const auto revoked = call({.method = "DELETE", .target = "/keys/" + id});
  EXPECT_EQ(revoked.status, 200);
  EXPECT_FALSE(json_of(revoked).at("revoked_at").is_null());
  EXPECT_FALSE(json_of(get("/keys")).at("keys").at(0).at("revoked_at").is_null());
  EXPECT_EQ(call({.method = "DELETE", .target = "/keys/0190a0b0-0000-7000-8000-000000000000"}).status, 404);
}

}  // namespace
}  // namespace caprock::server::rest
