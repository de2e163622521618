#include "server/tls.h"

#include <boost/asio/ssl/context.hpp>

namespace caprock::server {
namespace {

namespace ssl = boost::asio::ssl;

base::Error unusable(const char* setting, const std::string& file, const std::string& why) {
  return base::invalid_argument(std::string("server.") + setting,
                                std::string("[server] ") + setting + ": cannot use '" + file + "': " + why);
}

}  // namespace

base::Result<TlsContext> load_tls(const std::string& certificate, const std::string& key) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  SSL_CTX* const native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);  // idle connections keep no record buffers
  boost::system::error_code ec;
  context->use_certificate_chain_file(certificate, ec);
  if (ec) return base::failure(unusable("tls_certificate", certificate, ec.message()));
  context->use_private_key_file(key, ssl::context::pem, ec);
  if (ec) return base::failure(unusable("tls_key", key, ec.message()));
  if (SSL_CTX_check_private_key(native) != 1)
    return base::failure(unusable("tls_key", key, "it does not belong to the certificate"));
  return context;
}

}  // namespace caprock::server
