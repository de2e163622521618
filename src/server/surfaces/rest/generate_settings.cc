#include "server/surfaces/rest/generate_settings.h"

namespace caprock::server {

base::SettingsSection GenerateSettings::describe() {
  return {.name = "generate",
          .help = "POST /generate and /generate/batch",
          .settings = {
              {.key = "batch_requests",
               .target = &batch_requests,
               .help = "requests in one batch",
               .min = 1,
               .max = 10'000},
              {.key = "batch_parallel",
               .target = &batch_parallel,
               .help = "requests of one batch that run side by side, shared evenly among its models",
               .min = 1,
               .max = 1'000},
          }};
}

}  // namespace caprock::server
