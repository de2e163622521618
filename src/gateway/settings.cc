#include "gateway/settings.h"

namespace caprock::gateway {

base::SettingsSection CallSettings::describe() {
  return {.name = "gateway",
          .help = "Every call to a model",
          .settings = {
              {.key = "on_disconnect",
               .target = &on_disconnect,
               .help = "what becomes of a reply whose reader has gone: abort ends it at once, drain "
                       "reads on, so that what it used is known",
               .choices = {"abort", "drain"}},
              {.key = "drain_bytes",
               .target = &drain_bytes,
               .help = "a reply is drained for at most so many bytes of text",
               .min = 0,
               .max = 1e9},
              {.key = "drain_time",
               .target = &drain_time,
               .help = "and for at most so long",
               .min = 0,
               .max = 600'000},
              {.key = "log_calls",
               .target = &log_calls,
               .help = "a line of the log for every call: who, which model, tokens, time, how it ended"}}};
}

std::vector<base::SettingsSection> GatewaySettings::sections() {
  return {call.describe(), retry.describe(), routing.describe(), fallback.describe()};
}

base::Result<void> GatewaySettings::check() const {
  CAPROCK_CHECK(Routes::make(routing, fallback));
  return {};
}

}  // namespace caprock::gateway
