#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace boost::asio::ssl {
class context;  // NOLINT(readability-identifier-naming): Asio's
}

namespace caprock::server {

/// Certificate and key as loaded; connections keep the one that they began with.
using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

/// TLS 1.2 and 1.3 with this certificate chain and key (PEM files). `http2`: offered by ALPN before HTTP/1.1.
/// Error: kInvalidArgument that names the setting and the file.
base::Result<TlsContext> load_tls(const std::string& certificate, const std::string& key, bool http2);

}  // namespace caprock::server
