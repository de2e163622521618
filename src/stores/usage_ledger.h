#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/awaitable.h"
#include "base/context.h"
#include "llm/usage.h"

namespace caprock::stores {

/// One call to a model, as it is kept.
struct UsageRow {
  base::TenantId tenant{"default"};
  base::WallTime at{};  ///< when it began
  std::string request_id;
  std::string user;
  std::string key_id;
  std::string use_case;
  std::string surface;
  std::string operation;
  std::string model_asked;
  std::string provider;
  std::string account;
  std::string region;
  std::string model;   ///< that answered, or was asked last; empty: none was
  std::string reason;  ///< of the route
  std::int64_t attempts = 0;
  llm::Usage usage;          ///< `billed_nano_usd` is the cost; absent: not known
  bool usage_known = false;  ///< false: `usage` is at most a part of it
  std::chrono::microseconds latency{};
  std::optional<std::chrono::microseconds> first_event;
  std::string outcome;
  std::string error;  ///< a word; empty when all went well
};

enum class UsageGroup : std::uint8_t { kDay, kWeek, kMonth, kModel, kTenant, kUser, kKey };

/// Which calls to sum, and how. Days and weeks (named by their Monday) are of UTC.
struct UsageQuery {
  UsageGroup by = UsageGroup::kDay;
  std::optional<base::WallTime> from;  ///< inclusive
  std::optional<base::WallTime> to;    ///< exclusive
};

struct UsageTotal {
  std::string group;  ///< "2026-03-01", "amazon.nova-lite-v1:0", …
  std::int64_t calls = 0;
  std::int64_t failed = 0;
  std::int64_t unpriced = 0;  ///< calls whose cost is not known: not in the sum
  llm::Usage usage;           ///< with the sum of the known costs
};

/// The account of all calls.
class UsageLedger {
 public:
  virtual ~UsageLedger() = default;
  /// Takes a row to be written soon. Any thread, does not wait. False when too many wait: the row is not
  /// taken, and the caller has to keep it from being forgotten.
  virtual bool record(UsageRow row) = 0;
  /// Sums of the context's tenant, by group; of all tenants when they are the groups. Rows that wait are not
  /// in it. Errors as of DocumentStore.
  virtual base::Awaitable<base::Result<std::vector<UsageTotal>>> report(const base::RequestContext& context,
                                                                        UsageQuery query) = 0;
  struct Status {
    std::size_t waiting = 0;
    std::string trouble;  ///< why rows cannot be written just now; empty: they can
  };
  virtual Status status() const = 0;
};

}  // namespace caprock::stores
