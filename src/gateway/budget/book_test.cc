#include "gateway/budget/book.h"

#include <gmock/gmock.h>

#include <atomic>
#include <random>
#include <thread>

namespace caprock::gateway {
namespace {

using base::NanoUsd;
using std::chrono::sys_days;
using testing::HasSubstr;
using namespace std::chrono_literals;

const base::WallTime kNoon = sys_days{2026y / 3 / 4} + 12h;
const Spender kAnn{.tenant = "t", .user = "ann", .key = "k", .model = "m"};

std::vector<BudgetLimit> limits(const std::vector<std::string>& texts) { return *parse_budgets(texts, "s"); }

/// What a journal would keep, in memory.
struct Kept {
  std::vector<BudgetEvent> events;
  BudgetJournal journal() {
    return [this](const BudgetEvent& event) -> base::Result<void> {
      events.push_back(event);
      return {};
    };
  }
};

NanoUsd taken(const BudgetBook& book, base::WallTime now, const std::string& account) {
  for (const auto& standing : book.standings(now))
    if (standing.account == account) return standing.spent + standing.reserved;
  return NanoUsd(0);
}

TEST(BudgetBook, ReserveAndSettle_FreesWhatWasNotSpent) {
  BudgetBook book(limits({"day=10"}), {});
  const auto first = book.reserve(kAnn, NanoUsd::dollars(8), kNoon);
  ASSERT_TRUE(first);
  const auto refused = book.reserve(kAnn, NanoUsd::dollars(3), kNoon);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, base::ErrorKind::kRateLimited);
  EXPECT_THAT(refused.error().message,
              HasSubstr("all day of 10 dollars has 2 left, and this call may cost 3"));
  EXPECT_EQ(refused.error().retry_after, 12h);
  book.settle(*first, NanoUsd::dollars(1));
  book.settle(*first, NanoUsd::dollars(1));
  EXPECT_EQ(taken(book, kNoon, "all day"), NanoUsd::dollars(1));
  EXPECT_TRUE(book.reserve(kAnn, NanoUsd::dollars(9), kNoon));
}

TEST(BudgetBook, Refused_TouchesNoOtherBudget) {
  BudgetBook book(limits({"day=100", "user:*/day=5"}), {});
  EXPECT_FALSE(book.reserve(kAnn, NanoUsd::dollars(6), kNoon));
  EXPECT_EQ(taken(book, kNoon, "all day"), NanoUsd(0));
}

TEST(BudgetBook, Names_GoBeforeEach_AndBelongToTheirTenant) {
  BudgetBook book(limits({"user:*/day=5", "user:ann/day=50"}), {});
  EXPECT_TRUE(book.reserve(kAnn, NanoUsd::dollars(50), kNoon));
  Spender elsewhere = kAnn;
  elsewhere.tenant = "u";
  EXPECT_TRUE(book.reserve(elsewhere, NanoUsd::dollars(50), kNoon));
  Spender bob = kAnn;
  bob.user = "bob";
  EXPECT_FALSE(book.reserve(bob, NanoUsd::dollars(6), kNoon));
  EXPECT_EQ(taken(book, kNoon, "user:t/ann day"), NanoUsd::dollars(50));
}

TEST(BudgetBook, RequestLimit_HasNoRetryAfter) {
  BudgetBook book(limits({"model:m/request=0.5"}), {});
  const auto refused = book.reserve(kAnn, NanoUsd(500'000'001), kNoon);
  ASSERT_FALSE(refused);
  EXPECT_FALSE(refused.error().retry_after);
  EXPECT_TRUE(book.reserve(kAnn, NanoUsd(500'000'000), kNoon));
}

TEST(BudgetBook, NegativeAndHugeAmounts_AreRefused) {
  BudgetBook book(limits({"day=10"}), {});
  EXPECT_EQ(book.reserve(kAnn, NanoUsd(-1), kNoon).error().kind, base::ErrorKind::kInvalidArgument);
  EXPECT_FALSE(book.reserve(kAnn, NanoUsd::most(), kNoon));
  const auto held = book.reserve(kAnn, NanoUsd(1), kNoon);
  book.settle(*held, NanoUsd(-100));
  EXPECT_EQ(taken(book, kNoon, "all day"), NanoUsd(0));
}

TEST(BudgetBook, TwoHundredAtOnceWithMoneyForTen_TenPass) {
  BudgetBook book(limits({"day=10"}), {});
  std::atomic<int> passed = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 25; ++i)
        if (book.reserve(kAnn, NanoUsd::dollars(1), kNoon)) ++passed;
    });
  threads.clear();
  EXPECT_EQ(passed, 10);
}

TEST(BudgetBook, NewDay_BeginsAnew_AndAClockThatJumpsLosesNothing) {
  BudgetBook book(limits({"day=10", "week=15"}), {});
  const auto late = book.reserve(kAnn, NanoUsd::dollars(10), kNoon);
  const base::WallTime next = kNoon + 24h;
  EXPECT_TRUE(book.reserve(kAnn, NanoUsd::dollars(5), next));
  EXPECT_FALSE(book.reserve(kAnn, NanoUsd(1), next));  // the week
  book.settle(*late, NanoUsd::dollars(10));
  EXPECT_FALSE(book.reserve(kAnn, NanoUsd(1), kNoon)) << "back in the day before, it is spent";
  EXPECT_TRUE(book.reserve(kAnn, NanoUsd::dollars(10), kNoon + 24h * 365));
  EXPECT_FALSE(book.reserve(kAnn, NanoUsd(1), kNoon)) << "a jump of a year and back";
}

TEST(BudgetBook, JournalThatFails_LetsNothingBeSent) {
  BudgetBook book(limits({"day=10"}), [](const BudgetEvent&) -> base::Result<void> {
    return base::failure(base::Error(base::ErrorKind::kOutOfSpace, "full"));
  });
  const auto held = book.reserve(kAnn, NanoUsd::dollars(10), kNoon);
  EXPECT_FALSE(book.sent(*held));
  book.release(*held);
  EXPECT_TRUE(book.reserve(kAnn, NanoUsd::dollars(10), kNoon));
}

// A crash at any point: what was sent and not settled counts at its maximum, what was not sent is free.
TEST(BudgetBook, AnyInterleavingCutAnywhere_NeverExceedsALimitAndNeverForgetsWhatWasSent) {
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    Kept kept;
    const auto rules = limits({"day=20", "user:*/day=8", "model:m/week=15", "request=5"});
    BudgetBook book(rules, kept.journal());
    struct Call {
      std::uint64_t id;
      std::int64_t most;
      bool sent = false;
    };
    std::vector<Call> open;
    for (int step = 0; step < 60; ++step) {
      const Spender who{
          .tenant = "t", .user = random() % 2 ? "ann" : "bob", .key = "", .model = random() % 2 ? "m" : "n"};
      const auto most = static_cast<std::int64_t>(random() % 6'000'000'000);
      if (open.empty() || random() % 3 == 0) {
        if (const auto id = book.reserve(who, NanoUsd(most), kNoon)) open.push_back({*id, most});
      } else {
        Call& call = open[random() % open.size()];
        if (!call.sent && random() % 4 != 0) {
          ASSERT_TRUE(book.sent(call.id));
          call.sent = true;
        } else {
          book.settle(
              call.id,
              NanoUsd(call.sent && call.most > 0 ? static_cast<std::int64_t>(random()) % call.most : 0));
          std::swap(call, open.back());
          open.pop_back();
        }
      }
      for (const auto& standing : book.standings(kNoon))
        ASSERT_LE(standing.spent + standing.reserved, standing.limit);
    }
    const std::size_t cut = random() % (kept.events.size() + 1);
    BudgetBook again(rules, {});
    NanoUsd expected;
    std::map<std::uint64_t, NanoUsd> on_their_way;
    for (std::size_t i = 0; i < cut; ++i) {
      const BudgetEvent& event = kept.events[i];
      again.replay(event);
      if (event.kind == BudgetEvent::Kind::kSent) {
        on_their_way[event.reservation] = event.amount;
      } else {
        expected += event.amount;
        on_their_way.erase(event.reservation);
      }
    }
    for (const auto& [id, amount] : on_their_way) expected += amount;
    EXPECT_EQ(taken(again, kNoon, "all day"), expected);
    for (const auto& standing : again.standings(kNoon))
      EXPECT_LE(standing.spent + standing.reserved, standing.limit);

    BudgetBook third(rules, {});
    for (const BudgetEvent& event : again.snapshot()) third.replay(event);
    ASSERT_EQ(third.standings(kNoon).size(), again.standings(kNoon).size());
    for (const auto& standing : again.standings(kNoon))
      EXPECT_EQ(taken(third, kNoon, standing.account), standing.spent + standing.reserved);
  }
}

}  // namespace
}  // namespace caprock::gateway
