#include "stores/sqlite/key_store.h"

#include <gtest/gtest.h>

#include "stores/sqlite/tables.h"
#include "stores/testing/run.h"
#include "stores/testing/temporary_folder.h"

namespace caprock::stores {
namespace {

using base::ErrorKind;
using testing::run;

constexpr base::WallTime kNow{std::chrono::seconds(1'700'000'000)};

IssuedKey key(const std::string& id) {
  return {.id = id,
          .name = "build server",
          .roles = {"user", "admin"},
          .api_key_sha256 = base::sha256("api key of " + id),
          .access_key_id = "CPRK" + id,
          .sealed_secret = std::string("\0\xFFsealed", 8),
          .created_at = kNow};
}

class KeyStoreTest : public ::testing::Test {
 protected:
  static base::RequestContext as(const std::string& tenant) {
    base::RequestContext context;
    context.principal.tenant = base::TenantId(tenant);
    return context;
  }

  testing::TemporaryFolder folder_;
  std::unique_ptr<Database> db_ = std::move(Database::open(folder_.file("k.db"), {record_tables()}).value());
  SqliteKeyStore store_{*db_};
  base::RequestContext ours_ = as("ours");
  base::RequestContext theirs_ = as("theirs");
};

TEST_F(KeyStoreTest, Add_KeepsEveryByte) {
  ASSERT_TRUE(run(store_.add(ours_, key("a"))));
  const auto all = run(store_.all(ours_)).value();
  ASSERT_EQ(all.size(), 1);
  EXPECT_EQ(all[0].tenant.str(), "ours");
  EXPECT_EQ(all[0].name, "build server");
  EXPECT_EQ(all[0].roles, (std::vector<std::string>{"user", "admin"}));
  EXPECT_EQ(all[0].api_key_sha256, base::sha256("api key of a"));
  EXPECT_EQ(all[0].sealed_secret, std::string("\0\xFFsealed", 8));
  EXPECT_EQ(all[0].created_at, kNow);
  EXPECT_FALSE(all[0].revoked_at);
}

TEST_F(KeyStoreTest, Add_AccessKeyIdOfAnotherTenant_IsAConflict) {
  ASSERT_TRUE(run(store_.add(ours_, key("a"))));
  EXPECT_EQ(run(store_.add(theirs_, key("a"))).error().kind, ErrorKind::kConflict);
}

TEST_F(KeyStoreTest, Revoke_KeepsTheRecordAndTheFirstTime) {
  ASSERT_TRUE(run(store_.add(ours_, key("a"))));
  EXPECT_EQ(run(store_.revoke(ours_, "a", kNow)).value().revoked_at, kNow);
  EXPECT_EQ(run(store_.revoke(ours_, "a", kNow + std::chrono::hours(1))).value().revoked_at, kNow);
}

TEST_F(KeyStoreTest, Revoke_KeyOfAnotherTenant_IsNotFoundAndWorksOn) {
  ASSERT_TRUE(run(store_.add(ours_, key("a"))));
  EXPECT_EQ(run(store_.revoke(theirs_, "a", kNow)).error().kind, ErrorKind::kNotFound);
  EXPECT_FALSE(run(store_.all(ours_)).value()[0].revoked_at);
}

TEST_F(KeyStoreTest, List_PagesThroughTheTenantsOwn) {
  for (const char* id : {"a", "b", "c"}) ASSERT_TRUE(run(store_.add(ours_, key(id))));
  ASSERT_TRUE(run(store_.add(theirs_, key("x"))));
  const auto first = run(store_.list(ours_, {.limit = 2})).value();
  ASSERT_EQ(first.items.size(), 2);
  const auto second = run(store_.list(ours_, {.limit = 2, .cursor = first.next_cursor})).value();
  ASSERT_EQ(second.items.size(), 1);
  EXPECT_EQ(second.items[0].id, "c");
  EXPECT_TRUE(second.next_cursor.empty());
}

}  // namespace
}  // namespace caprock::stores
