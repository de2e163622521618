#include "stores/sqlite/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/detached.hpp>
#include <future>
#include <latch>
#include <thread>

#include "stores/testing/run.h"
#include "stores/testing/temporary_folder.h"

namespace caprock::stores {
namespace {

using base::ErrorKind;
using base::failure;
using base::Result;
using ::testing::HasSubstr;

const std::vector<SchemaPart> kParts{
    {"notes", {"CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT"}}};

Result<void> add_note(Connection& db, std::string_view text) {
  return db.execute("INSERT INTO notes (text) VALUES (?)", text);
}

class DatabaseTest : public ::testing::Test {
 protected:
  std::unique_ptr<Database> open(const std::vector<SchemaPart>& parts = kParts,
                                 DatabaseSettings settings = {}) {
    auto opened = Database::open(path_, parts, std::move(settings));
    EXPECT_TRUE(opened) << opened.error().message << opened.error().detail;
    return std::move(*opened);
  }
  static std::int64_t count(Database& db) {
    return db.read_blocking([](Connection& c) { return c.integer("SELECT count(*) FROM notes", 0); }).value();
  }
  testing::TemporaryFolder folder_;
  std::string path_ = folder_.file("caprock.db");
  base::RequestContext context_;
};

TEST_F(DatabaseTest, Write_IsThereAfterReopening) {
  {
    auto db = open();
    auto id = testing::run(db->write(context_, [](Connection& c) -> Result<std::int64_t> {
      CAPROCK_CHECK(add_note(c, "kept"));
      return c.last_insert_rowid();
    }));
    EXPECT_EQ(id.value(), 1);
  }
  auto db = open();
  EXPECT_EQ(count(*db), 1);
  EXPECT_TRUE(db->check_integrity());
}

TEST_F(DatabaseTest, FailedJob_UndoesOnlyItselfInItsGroup) {
  auto db = open();
  std::latch entered(1);
  std::latch release(1);
  // Holds the writer so that the next three jobs become one group.
  auto first = std::async(std::launch::async, [&] {
    return db->write_blocking([&](Connection&) -> Result<void> {
      entered.count_down();
      release.wait();
      return {};
    });
  });
  entered.wait();
  boost::asio::io_context loop;
  std::vector<bool> ok(3);
  const auto job = [&](std::size_t i) -> base::Awaitable<void> {
    auto outcome = co_await db->write(context_, [i](Connection& c) -> Result<void> {
      CAPROCK_CHECK(add_note(c, std::to_string(i)));
      if (i == 1) return failure(base::not_found("no"));
      return {};
    });
    ok[i] = outcome.has_value();
  };
  for (std::size_t i = 0; i < 3; ++i) boost::asio::co_spawn(loop, job(i), boost::asio::detached);
  loop.poll();
  release.count_down();
  loop.run();
  EXPECT_TRUE(first.get());
  EXPECT_EQ(ok, (std::vector<bool>{true, false, true}));
  EXPECT_EQ(count(*db), 2);
}

TEST_F(DatabaseTest, FullQueue_IsUnavailable) {
  DatabaseSettings settings;
  settings.write_queue = 1;
  auto db = open(kParts, settings);
  std::latch entered(1);
  std::latch release(1);
  auto holder = std::async(std::launch::async, [&] {
    return db->write_blocking([&](Connection&) -> Result<void> {
      entered.count_down();
      release.wait();
      return {};
    });
  });
  entered.wait();
  boost::asio::io_context loop;
  int refused = 0;
  const auto job = [&]() -> base::Awaitable<void> {
    auto outcome = co_await db->write(context_, [](Connection& c) { return add_note(c, "x"); });
    if (!outcome && outcome.error().kind == ErrorKind::kUnavailable && outcome.error().retry_after) ++refused;
  };
  boost::asio::co_spawn(loop, job(), boost::asio::detached);
  boost::asio::co_spawn(loop, job(), boost::asio::detached);
  loop.poll();
  release.count_down();
  loop.run();
  EXPECT_TRUE(holder.get());
  EXPECT_EQ(refused, 1);
}

TEST_F(DatabaseTest, AfterCommitHook_RunsOnlyForJobsThatHold) {
  auto db = open();
  int ran = 0;
  EXPECT_TRUE(db->write_blocking([&](Connection& c) -> Result<void> {
    c.after_commit([&] { ++ran; });
    return {};
  }));
  EXPECT_FALSE(db->write_blocking([&](Connection& c) -> Result<void> {
    c.after_commit([&] { ++ran; });
    return failure(base::not_found("no"));
  }));
  EXPECT_EQ(ran, 1);
}

TEST_F(DatabaseTest, Reader_CannotWrite) {
  auto db = open();
  auto outcome = db->read_blocking([](Connection& c) { return add_note(c, "no"); });
  EXPECT_FALSE(outcome);
}

TEST_F(DatabaseTest, ThrowingJob_IsInternalAndUndone) {
  auto db = open();
  auto outcome = db->write_blocking([](Connection& c) -> Result<void> {
    (void)add_note(c, "no");
    throw std::runtime_error("torn");
  });
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::kInternal);
  EXPECT_EQ(count(*db), 0);
}

TEST_F(DatabaseTest, OlderSchema_IsMigratedAndKeepsItsRows) {
  {
    EXPECT_TRUE(open()->write_blocking([](Connection& c) { return add_note(c, "old"); }));
  }
  auto parts = kParts;
  parts[0].steps.emplace_back("ALTER TABLE notes ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'");
  auto db = open(parts);
  auto colour = db->read_blocking([](Connection& c) -> Result<std::string> {
    CAPROCK_TRY(Statement row, c.prepare("SELECT colour FROM notes"));
    CAPROCK_CHECK(row.step());
    return row.string(0);
  });
  EXPECT_EQ(colour.value(), "red");
}

TEST_F(DatabaseTest, NewerSchema_IsRefusedNamingBothVersions) {
  auto parts = kParts;
  parts[0].steps.emplace_back("ALTER TABLE notes ADD COLUMN colour TEXT");
  {
    open(parts);
  }
  auto refused = Database::open(path_, kParts);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kConflict);
  EXPECT_THAT(refused.error().message, HasSubstr("schema 2"));
  EXPECT_THAT(refused.error().message, HasSubstr("up to 1"));
  EXPECT_THAT(refused.error().message, HasSubstr("newer"));
}

TEST_F(DatabaseTest, FailedMigration_ChangesNothing) {
  {
    open();
  }
  auto parts = kParts;
  parts[0].steps.emplace_back("ALTER TABLE notes ADD COLUMN colour TEXT; CREATE TABLE notes (x)");
  EXPECT_FALSE(Database::open(path_, parts));
  auto db = open();
  EXPECT_FALSE(
      db->read_blocking([](Connection& c) { return c.integer("SELECT count(colour) FROM notes", 0); }));
}

TEST_F(DatabaseTest, NotADatabase_IsAnErrorNotACrash) {
  FILE* file = std::fopen(path_.c_str(), "w");
  std::fputs(std::string(8192, 'x').c_str(), file);
  std::fclose(file);
  EXPECT_FALSE(Database::open(path_, kParts));
}

TEST_F(DatabaseTest, Reclaim_GivesSpaceBack) {
  auto db = open();
  EXPECT_TRUE(db->write_blocking([](Connection& c) -> Result<void> {
    for (int i = 0; i < 2000; ++i) CAPROCK_CHECK(add_note(c, std::string(2000, 'x')));
    return {};
  }));
  EXPECT_TRUE(db->reclaim());
  const auto before = std::filesystem::file_size(path_);
  EXPECT_TRUE(db->write_blocking([](Connection& c) { return c.execute("DELETE FROM notes"); }));
  EXPECT_TRUE(db->reclaim());
  EXPECT_LT(std::filesystem::file_size(path_), before / 10);
}

}  // namespace
}  // namespace caprock::stores
