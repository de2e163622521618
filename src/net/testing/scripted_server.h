#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace caprock::net::testing {

/// One connection as the script sees it, in blocking calls.
class ServerConnection {
 public:
  virtual ~ServerConnection() = default;
  /// A request with its body (Content-Length only), or empty when the client has closed.
  virtual std::string read_request() = 0;
  virtual void write(const std::string& bytes) = 0;
};

/// A server on 127.0.0.1, port 0, that answers byte by byte what a test says: each connection runs `script`
/// on a thread of its own and is closed when the script returns. With `tls` it shows a certificate for
/// "localhost" and 127.0.0.1 that it signed itself.
class ScriptedServer {
 public:
  using Script = std::function<void(ServerConnection&)>;
  explicit ScriptedServer(Script script, bool tls = false);
  /// Answers every request on every connection with what `answer` returns for it, keeping connections open.
  static Script answering(std::function<std::string(const std::string& request)> answer);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::uint16_t port() const { return port_; }
  /// "http://127.0.0.1:PORT" + path.
  std::string url(const std::string& path = "/") const;
  int connections() const { return connections_; }
  /// PEM file of the certificate, for the client to trust.
  const std::string& certificate_file() const { return certificate_file_; }

 private:
  struct Tls;
  void accept_loop();
  void serve(int socket);

  Script script_;
  std::unique_ptr<Tls> tls_;
  std::string certificate_file_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::mutex mutex_;
  std::vector<int> sockets_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace caprock::net::testing
