#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/settings.h"

namespace caprock::server {

/// `[server]`: the address, who may call, and every limit of the process's edge.
struct Settings {
  std::string listen = "127.0.0.1:8080";
  std::string tls_certificate;
  std::string tls_key;
  std::vector<base::Secret> api_keys;
  std::vector<std::string> allowed_hosts;
  std::vector<std::string> allowed_origins;
  base::Bytes max_header{64 * 1024UL};
  base::Bytes max_target{16 * 1024UL};
  base::Bytes max_body{25'000'000};
  base::Bytes max_upload{100'000'000};
  base::Bytes upload_memory{300'000'000};
  base::Bytes signed_memory{300'000'000};
  std::int64_t max_json_depth = 100;
  std::int64_t max_connections = 4096;
  std::chrono::milliseconds header_timeout{10'000};
  std::chrono::milliseconds body_timeout{30'000};
  std::chrono::milliseconds idle_timeout{75'000};
  std::chrono::milliseconds write_timeout{30'000};
  std::chrono::milliseconds request_timeout{600'000};
  std::chrono::milliseconds drain_grace{30'000};
  std::chrono::milliseconds heartbeat{15'000};
  bool http2 = true;
  std::int64_t http2_streams = 100;
  base::Bytes http2_window{64 * 1024UL};
  std::int64_t http2_resets = 500;
  std::int64_t http2_control_frames = 10'000;
  std::int64_t loops = 0;  ///< 0: one a core
  bool access_log = true;

  base::SettingsSection describe();
  /// What one setting alone cannot say: the address can be read, TLS has both files. Error: kInvalidArgument
  /// with the setting as field.
  base::Result<void> check() const;
  /// An address that others can reach has an API key: one of the settings, or one that was issued. Errors
  /// likewise.
  base::Result<void> check_reach(bool keys_issued) const;
};

struct ListenAddress {
  std::string host;  ///< an IP address
  std::uint16_t port = 0;
  bool loopback() const;
  bool any() const;  ///< 0.0.0.0 or ::
};
/// "127.0.0.1:8080", "[::1]:0", "localhost:8080", ":8080" (every IPv4 address). Error: kInvalidArgument.
base::Result<ListenAddress> parse_listen(const std::string& text);

}  // namespace caprock::server
