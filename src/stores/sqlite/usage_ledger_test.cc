#include "stores/sqlite/usage_ledger.h"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <thread>

#include "stores/testing/temporary_folder.h"

namespace caprock::stores {
namespace {

using namespace std::chrono_literals;

class UsageLedgerTest : public ::testing::Test {
 protected:
  UsageLedgerTest() { open(); }
  void open() {
    ledger_.reset();
    db_.reset();
    db_ = std::move(*Database::open((folder_.path() / "u.db").string(), {usage_tables()}));
    ledger_ = std::make_unique<SqliteUsageLedger>(*db_, clock_, settings_);
  }
  UsageRow row(std::string model, std::int64_t nano) const {
    UsageRow made;
    made.at = clock_.wall();
    made.user = "ann";
    made.model = std::move(model);
    made.usage = {.input_tokens = 10, .output_tokens = 5, .billed_nano_usd = nano};
    made.outcome = "ok";
    return made;
  }
  std::vector<UsageTotal> report(UsageQuery query) {
    boost::asio::io_context loop;
    const base::RequestContext context;
    std::vector<UsageTotal> out;
    boost::asio::co_spawn(loop, ledger_->report(context, query),
                          [&](std::exception_ptr thrown, base::Result<std::vector<UsageTotal>> got) {
                            EXPECT_FALSE(thrown);
                            ASSERT_TRUE(got) << got.error().message << got.error().detail;
                            out = std::move(*got);
                          });
    loop.run();
    return out;
  }
  testing::TemporaryFolder folder_;
  base::ManualClock clock_{std::chrono::sys_days{2026y / 3 / 4}};  // a Wednesday
  LedgerSettings settings_;
  std::unique_ptr<Database> db_;
  std::unique_ptr<SqliteUsageLedger> ledger_;
};

TEST_F(UsageLedgerTest, Rows_AreSummedByEveryGroup) {
  UsageRow failed = row("", 0);
  failed.model_asked = "b";
  failed.outcome = "error";
  failed.usage.billed_nano_usd.reset();
  ASSERT_TRUE(ledger_->record(row("a", 1)));
  ASSERT_TRUE(ledger_->record(failed));
  clock_.advance(24h * 6);
  ASSERT_TRUE(ledger_->record(row("a", 4'000'000'000'000'000'000)));
  ledger_->flush();

  const auto days = report({.by = UsageGroup::kDay});
  ASSERT_EQ(days.size(), 2U);
  EXPECT_EQ(days[0].group, "2026-03-04");
  EXPECT_EQ(days[0].calls, 2);
  EXPECT_EQ(days[0].failed, 1);
  EXPECT_EQ(days[0].unpriced, 1);
  EXPECT_EQ(days[0].usage.billed_nano_usd, 1);
  EXPECT_EQ(report({.by = UsageGroup::kWeek})[0].group, "2026-03-02");
  EXPECT_EQ(report({.by = UsageGroup::kWeek})[1].group, "2026-03-09");
  EXPECT_EQ(report({.by = UsageGroup::kMonth})[0].group, "2026-03");
  const auto models = report({.by = UsageGroup::kModel});
  ASSERT_EQ(models.size(), 2U);
  EXPECT_EQ(models[0].usage.billed_nano_usd, 4'000'000'000'000'000'001);
  EXPECT_EQ(models[1].group, "b");
  EXPECT_EQ(models[1].usage.billed_nano_usd, std::nullopt);
  EXPECT_EQ(report({.by = UsageGroup::kTenant})[0].calls, 3);
  EXPECT_EQ(report({.by = UsageGroup::kUser})[0].group, "ann");
  EXPECT_EQ(report({.from = clock_.wall()}).size(), 1U);
  EXPECT_EQ(report({.to = clock_.wall()}).size(), 1U);
}

TEST_F(UsageLedgerTest, OtherTenants_AreNotInTheReport) {
  UsageRow other = row("a", 7);
  other.tenant = base::TenantId("other");
  ledger_->record(other);
  ledger_->flush();
  EXPECT_TRUE(report({}).empty());
  EXPECT_EQ(report({.by = UsageGroup::kTenant})[0].group, "other");
}

TEST_F(UsageLedgerTest, ManyThreads_NoRowIsLostOverAStop) {
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 2500; ++i) EXPECT_TRUE(ledger_->record(row("m" + std::to_string(t), i)));
    });
  threads.clear();
  open();
  const auto totals = report({.by = UsageGroup::kModel});
  ASSERT_EQ(totals.size(), 4U);
  for (const UsageTotal& total : totals) {
    EXPECT_EQ(total.calls, 2500);
    EXPECT_EQ(total.usage.billed_nano_usd, 2500 * 2499 / 2);
  }
}

TEST_F(UsageLedgerTest, FullQueue_RefusesInsteadOfForgetting) {
  settings_.queue = 3;
  open();
  // The writer is kept busy, so that nothing leaves the queue but the first group.
  std::atomic<bool> held = true;
  std::jthread busy([&] {
    (void)db_->write_blocking([&](Connection&) -> base::Result<void> {
      while (held) std::this_thread::yield();
      return {};
    });
  });
  int taken = 0;
  while (ledger_->record(row("a", 1))) ++taken;
  EXPECT_GE(taken, 3);
  held = false;
  busy.join();
  ledger_->flush();
  EXPECT_EQ(report({})[0].calls, taken);
}

TEST_F(UsageLedgerTest, Retention_ForgetsWhatIsOlder) {
  ledger_->record(row("a", 1));
  clock_.advance(24h * 390);
  ledger_->record(row("a", 1));
  ledger_->flush();
  EXPECT_EQ(ledger_->forget_old(), 0);
  clock_.advance(24h * 20);
  EXPECT_EQ(ledger_->forget_old(), 1);
  EXPECT_EQ(report({.by = UsageGroup::kModel})[0].calls, 1);
}

}  // namespace
}  // namespace caprock::stores
