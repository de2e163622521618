#include "net/settings.h"

namespace caprock::net {

base::SettingsSection NetSettings::describe() {
  return {.name = "net",
          .help = "Connections that Caprock opens",
          .settings = {
              {.key = "allow",
               .target = &allow,
               .help = "internal networks, addresses and host names that users' URLs may lead to"},
              {.key = "ca_file",
               .target = &ca_file,
               .help = "PEM file of certificate authorities that are trusted besides the system's",
               .environment = {"AWS_CA_BUNDLE"}},
              {.key = "connect_timeout",
               .target = &connect_timeout,
               .help = "time for one address to accept a connection",
               .min = 10,
               .max = 300'000},
              {.key = "idle_time",
               .target = &idle_time,
               .help = "how long an unused connection is kept",
               .min = 0,
               .max = 3'600'000},
              {.key = "idle_per_host",
               .target = &idle_per_host,
               .help = "connections kept per host and event loop that were not used for five seconds",
               .min = 0,
               .max = 1000},
              {.key = "fetch_limit",
               .target = &fetch_limit,
               .help = "largest document that is fetched from a URL",
               .min = 1,
               .max = 1e10},
              {.key = "fetch_timeout",
               .target = &fetch_timeout,
               .help = "time for fetching a document from a URL",
               .min = 100,
               .max = 3'600'000},
              {.key = "fetch_redirects",
               .target = &fetch_redirects,
               .help = "redirects followed when a document is fetched",
               .min = 0,
               .max = 20},
          }};
}

}  // namespace caprock::net
