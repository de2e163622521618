#include "server/settings.h"

#include <algorithm>

#include "server/uri.h"

namespace caprock::server {
namespace {

base::Error bad(std::string key, std::string message) {
  return base::invalid_argument("server." + std::move(key), std::move(message));
}

// A key travels as a header value, where blanks and control characters do not survive.
bool is_usable_key(const base::Secret& key) {
  return !key.empty() && std::ranges::all_of(key.reveal(), [](char c) { return c > ' ' && c < 127; });
}

}  // namespace

base::SettingsSection Settings::describe() {
  constexpr double kDay = 24.0 * 3600 * 1000;
  return {
      .name = "server",
      .help = "The address, who may call, and the limits of the process's edge",
      .settings = {
          {"listen", &listen, "Address and port: 127.0.0.1:8080, [::1]:8080, 0.0.0.0:8080; port 0 picks one"},
          {"tls_certificate", &tls_certificate, "PEM file with the certificate chain; empty: plain HTTP"},
          {"tls_key", &tls_key, "PEM file with the private key of tls_certificate"},
          {.key = "api_keys",
           .target = &api_keys,
           .help = "Keys of callers (Authorization: Bearer, or x-api-key); needed beyond loopback",
           .environment = {"CAPROCK_API_KEY"}},
          {"allowed_hosts", &allowed_hosts, "Names in the Host header besides loopback and listen; * is any"},
          {"allowed_origins", &allowed_origins,
           "Origins of other web pages that may call: https://app.example"},
          {"max_header", &max_header, "Request line and headers", 1024, 1024 * 1024},
          {"max_target", &max_target, "Path and query of a request", 256, 1024 * 1024},
          {"max_body", &max_body, "JSON request body", 1, 4e9},
          {"max_upload", &max_upload, "Body of one upload of files", 1, 1e12},
          {"upload_memory", &upload_memory, "Bytes that all uploads hold at once; more are answered with 503",
           1, 1e12},
          {"signed_memory", &signed_memory,
           "Bytes that all signed bodies hold at once, for a signature is checked over a whole one; more are "
           "answered with 503",
           1, 1e12},
          {"max_json_depth", &max_json_depth, "Nesting of JSON bodies", 1, 1000},
          {"max_connections", &max_connections, "Open connections; more are answered with 503", 1, 1e6},
          {"header_timeout", &header_timeout, "From the first byte of a request to the end of its headers",
           10, kDay},
          {"body_timeout", &body_timeout, "Silence within a request body", 10, kDay},
          {"idle_timeout", &idle_timeout, "An open connection without a request", 10, kDay},
          {"write_timeout", &write_timeout, "A client that takes no byte of its answer", 10, kDay},
          {"request_timeout", &request_timeout, "A whole request, from its headers to the end of its answer",
           10, kDay},
          {"drain_grace", &drain_grace, "How long running requests may go on after SIGTERM", 0, kDay},
          {"heartbeat", &heartbeat, "Between comments in a silent event stream", 10, kDay},
          {"http2", &http2, "Speak HTTP/2 too: by ALPN over TLS, by prior knowledge in the clear"},
          {"http2_streams", &http2_streams, "Requests that run at once on one HTTP/2 connection", 1, 10'000},
          {"http2_window", &http2_window, "Request bytes of a stream that wait to be read", 16 * 1024,
           16 * 1024 * 1024},
          {"http2_resets", &http2_resets, "Streams a client may break off on a connection in a minute", 10,
           1e6},
          {"http2_control_frames", &http2_control_frames,
           "PING, SETTINGS, PRIORITY, empty and the like on a connection in a minute", 100, 1e7},
          {"loops", &loops, "Threads that serve connections; 0: one a core", 0, 1024},
          {"access_log", &access_log, "Log a line for every request"},
      }};
}

base::Result<void> Settings::check() const {
  CAPROCK_CHECK(parse_listen(listen));
  if (tls_certificate.empty() != tls_key.empty())
    return base::failure(bad(tls_key.empty() ? "tls_key" : "tls_certificate",
                             "[server] tls_certificate and tls_key are set together or not at all"));
  if (!std::ranges::all_of(api_keys, is_usable_key))
    return base::failure(
        bad("api_keys", "an API key is one or more visible ASCII characters without blanks"));
  for (const std::string& origin : allowed_origins)
    if (origin != "*" && !parse_origin(origin))
      return base::failure(
          bad("allowed_origins", "'" + origin + "' is no origin like https://app.example:8443"));
  for (const std::string& host : allowed_hosts)
    if (host != "*" && !parse_authority(host) && !is_ip_address(host))
      return base::failure(bad("allowed_hosts", "'" + host + "' is no host name or address"));
  return {};
}

base::Result<void> Settings::check_reach(bool keys_issued) const {
  CAPROCK_TRY(const ListenAddress address, parse_listen(listen));
  if (address.loopback() || keys_issued || !api_keys.empty()) return {};
  return base::failure(
      bad("api_keys", "listen = \"" + listen +
                          "\" can be reached from other machines, but there is no API key: issue one with "
                          "`caprock keys create --name NAME`, set CAPROCK_API_KEY or [server] api_keys, or "
                          "listen on 127.0.0.1"));
}

bool ListenAddress::loopback() const { return is_loopback_address(host); }
bool ListenAddress::any() const { return host == "0.0.0.0" || host == "::"; }

base::Result<ListenAddress> parse_listen(const std::string& text) {
  const std::string full = text.starts_with(':') ? "0.0.0.0" + text : text;
  const auto parsed = parse_authority(full);
  const int port = parsed && !parsed->port.empty() ? std::stoi(parsed->port) : -1;
  if (port < 0 || port > 65535)
    return base::failure(
        bad("listen", "'" + text + "' is no address and port like 127.0.0.1:8080 or [::1]:8080"));
  const std::string host = parsed->host == "localhost" ? "127.0.0.1" : parsed->host;
  if (!is_ip_address(host))
    return base::failure(bad("listen", "'" + parsed->host + "' is no IP address; give the one to listen on"));
  return ListenAddress{.host = host, .port = static_cast<std::uint16_t>(port)};
}

}  // namespace caprock::server
