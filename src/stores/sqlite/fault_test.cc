// What happens when the disk fails at any write: an error that says so, nothing broken, and it goes on
// afterwards.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "stores/sqlite/database.h"
#include "stores/sqlite/fault_vfs.h"
#include "stores/testing/temporary_folder.h"

namespace caprock::stores {
namespace {

using base::ErrorKind;
using base::Result;

const std::vector<SchemaPart> kParts{
    {"notes", {"CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT"}}};

class FaultTest : public ::testing::TestWithParam<int> {
 protected:
  // Large enough to span pages; small enough to stay in the cache until the commit.
  static Result<void> add_note(Database& db, std::int64_t id) {
    return db.write_blocking([id](Connection& c) {
      return c.execute("INSERT INTO notes (id, text) VALUES (?, ?)", id, std::string(9000, 'x'));
    });
  }
  static std::int64_t count(Database& db) {
    return db.read_blocking([](Connection& c) { return c.integer("SELECT count(*) FROM notes", 0); }).value();
  }
};

TEST_P(FaultTest, FailureAtEveryWrite_IsReportedAndPasses) {
  testing::TemporaryFolder folder;
  testing::FaultVfs faults("caprock-fault");
  DatabaseSettings settings;
  settings.vfs = "caprock-fault";
  settings.checkpoint.count = 1 << 16;  // so that checkpoints are hit too
  std::int64_t acknowledged = 0;
  std::int64_t id = 0;
  {
    auto db = std::move(Database::open(folder.file("f.db"), kParts, settings).value());
    int failures = 0;
    for (int after = 1; after <= 60; ++after) {
      faults.fail(after % 12 + 1, GetParam());
      for (int i = 0; i < 6; ++i) {
        const auto added = add_note(*db, ++id);
        acknowledged += added ? 1 : 0;
        if (added) continue;
        ++failures;
        EXPECT_EQ(added.error().kind,
                  GetParam() == SQLITE_FULL ? ErrorKind::kOutOfSpace : ErrorKind::kUnavailable)
            << added.error().detail;
      }
      faults.heal();
      ASSERT_TRUE(add_note(*db, ++id)) << "it goes on when the disk does";
      ++acknowledged;
      EXPECT_EQ(count(*db), acknowledged);
    }
    EXPECT_GT(failures, 60);
    EXPECT_TRUE(db->check_integrity());
  }
  auto db = std::move(Database::open(folder.file("f.db"), kParts).value());
  EXPECT_TRUE(db->check_integrity());
  EXPECT_EQ(count(*db), acknowledged);
}

INSTANTIATE_TEST_SUITE_P(Codes, FaultTest, ::testing::Values(SQLITE_FULL, SQLITE_IOERR_WRITE));

TEST(FaultGroup, FullDisk_FailsTheWholeGroupAndOnlyThat) {
  testing::TemporaryFolder folder;
  testing::FaultVfs faults("caprock-fault");
  DatabaseSettings settings;
  settings.vfs = "caprock-fault";
  auto db = std::move(Database::open(folder.file("f.db"), kParts, settings).value());
  faults.fail(1, SQLITE_FULL);
  const auto refused = db->write_blocking([](Connection& c) -> Result<void> {
    // More than the page cache: it is written before the commit, and SQLite ends the transaction by itself.
    for (int i = 0; i < 40'000; ++i)
      CAPROCK_CHECK(c.execute("INSERT INTO notes (text) VALUES (?)", std::string(4000, 'x')));
    return {};
  });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kOutOfSpace);
  faults.heal();
  EXPECT_TRUE(
      db->write_blocking([](Connection& c) { return c.execute("INSERT INTO notes (text) VALUES ('y')"); }));
  EXPECT_TRUE(db->check_integrity());
}

}  // namespace
}  // namespace caprock::stores
