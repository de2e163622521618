#include "server/tls.h"

#include <boost/asio/ssl/context.hpp>
#include <string_view>

namespace caprock::server {
namespace {

namespace ssl = boost::asio::ssl;

base::Error unusable(const char* setting, const std::string& file, const std::string& why) {
  return base::invalid_argument(std::string("server.") + setting,
                                std::string("[server] ") + setting + ": cannot use '" + file + "': " + why);
}

// RFC 7301: names with their lengths before them, the one we like best first.
constexpr std::string_view kBoth{"\x02h2\x08http/1.1"};
constexpr std::string_view kHttp1{"\x08http/1.1"};

// A client that offers nothing of ours gets HTTP/1.1, as one that offers nothing at all.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                    unsigned int offered_size, void* ours) {
  const auto& names = *static_cast<const std::string_view*>(ours);
  unsigned char* found = nullptr;
  const int agreed = SSL_select_next_proto(&found, size, reinterpret_cast<const unsigned char*>(names.data()),
                                           static_cast<unsigned int>(names.size()), offered, offered_size);
  *chosen = found;
  return agreed == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

}  // namespace

base::Result<TlsContext> load_tls(const std::string& certificate, const std::string& key, bool http2) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  SSL_CTX* const native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);  // idle connections keep no record buffers
  SSL_CTX_set_alpn_select_cb(native, choose_protocol,
                             const_cast<std::string_view*>(http2 ? &kBoth : &kHttp1));  // only read
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
