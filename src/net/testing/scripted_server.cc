#include "net/testing/scripted_server.h"

#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace caprock::net::testing {
namespace {

void expect(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(std::string("scripted server: ") + what);
}

std::size_t content_length(const std::string& head) {
  for (const char* name : {"Content-Length: ", "content-length: "})
    if (const auto at = head.find(name); at != std::string::npos)
      return std::stoul(head.substr(at + std::strlen(name)));
  return 0;
}

/// Blocking bytes in and out; TLS when `tls` is set.
class SocketConnection final : public ServerConnection {
 public:
  SocketConnection(int socket, SSL* tls) : socket_(socket), tls_(tls) {}

  std::string read_request() override {
    std::size_t end = std::string::npos;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
      if (!read_more()) return {};
    const std::size_t size = end + 4 + content_length(buffer_.substr(0, end));
    while (buffer_.size() < size)
      if (!read_more()) return {};
    std::string request = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return request;
  }

  void write(const std::string& bytes) override {
    std::size_t at = 0;
    while (at < bytes.size()) {
      const auto sent = tls_ ? SSL_write(tls_, bytes.data() + at, static_cast<int>(bytes.size() - at))
                             : ::send(socket_, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
      if (sent <= 0) return;
      at += static_cast<std::size_t>(sent);
    }
  }

 private:
  bool read_more() {
    char bytes[4096];
    const auto got = tls_ ? SSL_read(tls_, bytes, sizeof bytes) : ::recv(socket_, bytes, sizeof bytes, 0);
    if (got <= 0) return false;
    buffer_.append(bytes, static_cast<std::size_t>(got));
    return true;
  }

  int socket_;
  SSL* tls_;
  std::string buffer_;
};

void add_names(X509* certificate) {
  char names[] = "DNS:localhost,IP:127.0.0.1";
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

X509* self_signed(EVP_PKEY* key) {
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"),
                             -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  add_names(certificate);
  expect(X509_sign(certificate, key, EVP_sha256()) > 0, "cannot sign");
  return certificate;
}

}  // namespace

struct ScriptedServer::Tls {
  Tls()
      : context(SSL_CTX_new(TLS_server_method())),
        key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")),
        certificate(self_signed(key)) {
    SSL_CTX_use_certificate(context, certificate);
    SSL_CTX_use_PrivateKey(context, key);
  }
  ~Tls() {
    X509_free(certificate);
    EVP_PKEY_free(key);
    SSL_CTX_free(context);
  }
  Tls(const Tls&) = delete;
  Tls& operator=(const Tls&) = delete;

  std::string write_certificate() const {
    std::string path = (std::filesystem::temp_directory_path() / "caprock-test-XXXXXX").string();
    const int file = ::mkstemp(path.data());
    expect(file >= 0, "no temporary file");
    std::FILE* out = ::fdopen(file, "w");
    PEM_write_X509(out, certificate);
    std::fclose(out);
    return path;
  }

  SSL_CTX* context;
  EVP_PKEY* key;
  X509* certificate;
};

ScriptedServer::ScriptedServer(Script script, bool tls) : script_(std::move(script)) {
  if (tls) {
    tls_ = std::make_unique<Tls>();
    certificate_file_ = tls_->write_certificate();
  }
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  expect(::bind(listener_, generic, size) == 0 && ::listen(listener_, 64) == 0, "cannot listen");
  ::getsockname(listener_, generic, &size);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_loop(); });
}

ScriptedServer::Script ScriptedServer::answering(std::function<std::string(const std::string&)> answer) {
  return [answer = std::move(answer)](ServerConnection& connection) {
    for (std::string request = connection.read_request(); !request.empty();
         request = connection.read_request())
      connection.write(answer(request));
  };
}

ScriptedServer::~ScriptedServer() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
  for (const int socket : sockets_) ::close(socket);
  ::close(listener_);
  if (!certificate_file_.empty()) ::unlink(certificate_file_.c_str());
}

std::string ScriptedServer::url(const std::string& path) const {
  return std::string(tls_ ? "https" : "http") + "://127.0.0.1:" + std::to_string(port_) + path;
}

void ScriptedServer::accept_loop() {
  while (true) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    ++connections_;
    const std::lock_guard lock(mutex_);
    sockets_.push_back(socket);
    threads_.emplace_back([this, socket] { serve(socket); });
  }
}

void ScriptedServer::serve(int socket) {
  // OpenSSL writes without MSG_NOSIGNAL: a client that has gone would end the test program.
  sigset_t pipe_signal;
  ::sigemptyset(&pipe_signal);
  ::sigaddset(&pipe_signal, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipe_signal, nullptr);
  SSL* tls = nullptr;
  if (tls_) {
    tls = SSL_new(tls_->context);
    SSL_set_fd(tls, socket);
    if (SSL_accept(tls) != 1) {
      SSL_free(tls);
      ::shutdown(socket, SHUT_RDWR);
      return;
    }
  }
  SocketConnection connection(socket, tls);
  script_(connection);
  if (tls) {
    SSL_shutdown(tls);
    SSL_free(tls);
  }
  ::shutdown(socket, SHUT_RDWR);
}

}  // namespace caprock::net::testing
