#include "server/keys/key_service.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "stores/sqlite/key_store.h"
#include "stores/sqlite/tables.h"
#include "stores/testing/run.h"
#include "stores/testing/temporary_folder.h"

namespace caprock::server {
namespace {

using stores::testing::run;

class KeyServiceTest : public ::testing::Test {
 protected:
  /// A process that starts over the same folder.
  std::unique_ptr<KeyService> start() {
    ring_ = std::make_unique<KeyRing>();
    auto service = std::make_unique<KeyService>(KeyService::Parts{.store = store_,
                                                                  .ring = *ring_,
                                                                  .clock = clock_,
                                                                  .data_folder = folder_.path(),
                                                                  .settings = settings_});
    EXPECT_TRUE(run(service->load(context_)));
    return service;
  }
  std::filesystem::path master_file() const { return folder_.file("master.key"); }

  stores::testing::TemporaryFolder folder_;
  std::unique_ptr<stores::Database> db_ =
      std::move(stores::Database::open(folder_.file("k.db"), {stores::record_tables()}).value());
  stores::SqliteKeyStore store_{*db_};
  base::ManualClock clock_{base::WallTime(std::chrono::seconds(1'700'000'000))};
  KeySettings settings_;
  std::unique_ptr<KeyRing> ring_;
  base::RequestContext context_;
};

TEST_F(KeyServiceTest, Create_WorksAtOnceAndAfterARestart) {
  auto service = start();
  EXPECT_EQ(ring_->keys()->issued, 0);
  const NewKey made = run(service->create(context_, "ci", {"user"})).value();
  for (int round = 0; round < 2; ++round) {
    const auto keys = ring_->keys();
    EXPECT_EQ(keys->by_hash.at(base::sha256(made.api_key.reveal())).key_id, made.record.id);
    const auto& pair = keys->by_access_key.at(made.record.access_key_id);
    EXPECT_EQ(pair.secret->reveal(), made.secret_access_key.reveal());
    service = start();
  }
  EXPECT_EQ(made.secret_access_key.reveal().size(), 40);
  EXPECT_EQ(made.record.access_key_id.size(), 20);
}

TEST_F(KeyServiceTest, Revoke_TakesBothAwayAtOnceAndLeavesTheRecord) {
  auto service = start();
  const NewKey made = run(service->create(context_, "ci", {"user"})).value();
  ASSERT_TRUE(run(service->revoke(context_, made.record.id)));
  EXPECT_TRUE(ring_->keys()->by_hash.empty());
  EXPECT_TRUE(ring_->keys()->by_access_key.empty());
  EXPECT_EQ(ring_->keys()->issued, 1) << "a server that had keys does not open again";
}

TEST_F(KeyServiceTest, LostMasterKey_ApiKeysWorkSignaturesDoNotAndNoNewOneIsMade) {
  auto service = start();
  const NewKey made = run(service->create(context_, "ci", {"user"})).value();
  std::filesystem::remove(master_file());
  service = start();
  EXPECT_EQ(ring_->keys()->unreadable, 1);
  EXPECT_EQ(ring_->keys()->by_hash.size(), 1);
  EXPECT_FALSE(ring_->keys()->by_access_key.at(made.record.access_key_id).secret);
  EXPECT_EQ(run(service->create(context_, "new", {})).error().kind, base::ErrorKind::kConflict);
  EXPECT_FALSE(std::filesystem::exists(master_file()));
  ASSERT_TRUE(run(service->revoke(context_, made.record.id)));
  EXPECT_TRUE(run(service->create(context_, "new", {})));
}

TEST_F(KeyServiceTest, MasterKeyOfTheSettings_NeedsNoFile) {
  settings_.master_key = base::Secret(std::string(64, 'a'));
  auto service = start();
  ASSERT_TRUE(run(service->create(context_, "ci", {"user"})));
  EXPECT_FALSE(std::filesystem::exists(master_file()));
  settings_.master_key = base::Secret(std::string(64, 'b'));
  service = start();
  EXPECT_EQ(ring_->keys()->unreadable, 1);
}

}  // namespace
}  // namespace caprock::server
