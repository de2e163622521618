#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/settings.h"

namespace caprock::net {

/// `[net]`: connections that Caprock opens.
struct NetSettings {
  std::vector<std::string> allow;  ///< internal networks and hosts that users' URLs may lead to
  std::string ca_file;             ///< PEM, trusted besides the system's certificate authorities
  std::chrono::milliseconds connect_timeout{5'000};  ///< of one address, TLS included
  std::chrono::milliseconds idle_time{300'000};
  std::int64_t idle_per_host = 10;
  base::Bytes fetch_limit{100'000'000};  ///< of a document fetched from a URL
  std::chrono::milliseconds fetch_timeout{60'000};
  std::int64_t fetch_redirects = 5;
  base::SettingsSection describe();
};

}  // namespace caprock::net
