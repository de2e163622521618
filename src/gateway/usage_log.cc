#include "gateway/usage_log.h"

#include "base/log.h"

namespace caprock::gateway {
namespace {

double ms(std::chrono::nanoseconds span) { return std::chrono::duration<double, std::milli>(span).count(); }

}  // namespace

void UsageLog::record(const UsageRecord& r) {
  const auto level = r.outcome == Outcome::kOk ? base::LogLevel::kInfo : base::LogLevel::kWarn;
  base::log(level, "model call",
            {{"request_id", r.request_id.str()},
             {"trace_id", r.trace_id},
             {"tenant", r.principal.tenant.str()},
             {"user", r.principal.user},
             {"key", r.principal.key_id},
             {"use_case", r.principal.use_case},
             {"surface", r.surface},
             {"operation", r.operation},
             {"asked", r.model_asked},
             {"model", r.model},
             {"provider", r.provider},
             {"account", r.account},
             {"region", r.region},
             {"route", r.reason},
             {"attempts", r.attempts},
             {"outcome", name_of(r.outcome)},
             {"error", r.error},
             {"ms", ms(r.latency)},
             {"first_event_ms", r.first_event ? ms(*r.first_event) : 0.0},
             {"usage_known", r.usage_known},
             {"input_tokens", r.usage.input_tokens},
             {"output_tokens", r.usage.output_tokens},
             {"cache_read_tokens", r.usage.cache_read_tokens},
             {"cache_write_tokens", r.usage.cache_write_tokens},
             {"reasoning_tokens", r.usage.reasoning_tokens},
             {"nano_usd", r.usage.billed_nano_usd.value_or(-1)}});
}

}  // namespace caprock::gateway
