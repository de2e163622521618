#include "app/root/ledger_sink.h"

#include "stores/sqlite/usage_ledger.h"

namespace caprock::app {
namespace {

std::chrono::microseconds micros(std::chrono::nanoseconds span) {
  return std::chrono::duration_cast<std::chrono::microseconds>(span);
}

stores::UsageRow row_of(const gateway::UsageRecord& record) {
  stores::UsageRow row{.tenant = record.principal.tenant,
                       .at = record.at,
                       .request_id = record.request_id.str(),
                       .user = record.principal.user,
                       .key_id = record.principal.key_id,
                       .use_case = record.principal.use_case,
                       .surface = std::string(record.surface),
                       .operation = std::string(record.operation),
                       .model_asked = record.model_asked,
                       .provider = record.provider,
                       .account = record.account,
                       .region = record.region,
                       .model = record.model,
                       .reason = std::string(record.reason),
                       .attempts = record.attempts,
                       .usage = record.usage,
                       .usage_known = record.usage_known,
                       .latency = micros(record.latency)};
  if (record.first_event) row.first_event = micros(*record.first_event);
  row.outcome = gateway::name_of(record.outcome);
  row.error = record.error;
  return row;
}

}  // namespace

void LedgerDoor::open(stores::UsageLedger& ledger) {
  const std::lock_guard lock(mutex_);
  ledger_ = &ledger;
}

void LedgerDoor::close() {
  const std::lock_guard lock(mutex_);
  ledger_ = nullptr;
}

void LedgerDoor::record(const gateway::UsageRecord& record) {
  stores::UsageRow row = row_of(record);
  const std::lock_guard lock(mutex_);
  if (ledger_ == nullptr || !ledger_->record(row)) stores::log_usage_row(row);
}

}  // namespace caprock::app
