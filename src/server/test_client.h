#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace caprock::server {

/// A blocking client that sends exactly the bytes it is told to. Gives up after 20 s. For tests.
class TestClient {
 public:
  explicit TestClient(std::uint16_t port, int receive_buffer = 0) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (receive_buffer > 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("cannot connect");
  }
  ~TestClient() { close(); }
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;

  /// False when the server has reset the connection.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  /// Everything until `mark` has come (it included), or all until the end.
  std::string until(std::string_view mark) {
    while (true) {
      if (const auto at = mark.empty() ? std::string::npos : input_.find(mark); at != std::string::npos)
        return take(at + mark.size());
      if (!receive()) return take(input_.size());
    }
  }
  std::string exactly(std::size_t bytes) {
    while (input_.size() < bytes && receive()) {
    }
    return take(std::min(bytes, input_.size()));
  }
  std::string all() { return until(""); }
  /// What comes next; empty at the end.
  std::string some() {
    if (input_.empty()) receive();
    return take(input_.size());
  }
  /// A whole answer that has a content-length.
  std::string answer() {
    std::string head = until("\r\n\r\n");
    const auto at = head.find("content-length: ");
    if (at == std::string::npos) return head;
    return head + exactly(std::stoul(head.substr(at + 16)));
  }
  std::string ask(std::string_view bytes) {
    send(bytes);
    return answer();
  }
  void finish_sending() const { ::shutdown(fd_, SHUT_WR); }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  bool timed_out() const { return timed_out_; }

 private:
  bool receive() {
    std::array<char, 65536> bytes{};
    const ssize_t got = ::recv(fd_, bytes.data(), bytes.size(), 0);
    timed_out_ = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    if (got <= 0) return false;
    input_.append(bytes.data(), static_cast<std::size_t>(got));
    return true;
  }
  std::string take(std::size_t bytes) {
    std::string taken = input_.substr(0, bytes);
    input_.erase(0, bytes);
    return taken;
  }

  int fd_;
  std::string input_;
  bool timed_out_ = false;
};

}  // namespace caprock::server
