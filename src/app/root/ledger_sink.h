#pragma once

#include <memory>
#include <mutex>

#include "gateway/usage.h"
#include "stores/usage_ledger.h"

namespace caprock::app {

/// The way of records into the ledger, which is opened after the gateway and closed before it. What comes
/// while it is closed, or full, goes to the log. Thread safe.
class LedgerDoor {
 public:
  void open(stores::UsageLedger& ledger);
  /// After it returns nothing is recorded any more.
  void close();
  void record(const gateway::UsageRecord& record);

 private:
  std::mutex mutex_;
  stores::UsageLedger* ledger_ = nullptr;
};

class LedgerSink final : public gateway::UsageSink {
 public:
  explicit LedgerSink(std::shared_ptr<LedgerDoor> door) : door_(std::move(door)) {}
  void record(const gateway::UsageRecord& record) override { door_->record(record); }

 private:
  const std::shared_ptr<LedgerDoor> door_;
};

}  // namespace caprock::app
