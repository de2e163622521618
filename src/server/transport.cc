#include "server/transport.h"

#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace caprock::server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

std::string address_of(const tcp::socket& socket) {
  error_code ec;
  const auto endpoint = socket.remote_endpoint(ec);
  return ec ? std::string() : endpoint.address().to_string();
}

class PlainTransport final : public Transport {
 public:
  explicit PlainTransport(tcp::socket socket) : socket_(std::move(socket)), peer_(address_of(socket_)) {
    error_code ignored;
    socket_.non_blocking(true, ignored);
  }

  base::Awaitable<bool> handshake() override { co_return true; }
  base::Awaitable<std::size_t> read_some(std::span<char> into, error_code& ec) override {
    return socket_.async_read_some(asio::buffer(into.data(), into.size()),
                                   asio::redirect_error(asio::use_awaitable, ec));
  }
  void read_some(std::span<char> into, ReadDone done) override {
    socket_.async_read_some(asio::buffer(into.data(), into.size()), std::move(done));
  }
  base::Awaitable<std::size_t> write_some(std::string_view first, std::string_view second,
                                          error_code& ec) override {
    const std::array pieces{asio::buffer(first), asio::buffer(second)};
    // The socket's buffer nearly always has room: then there is nothing to wait for.
    std::size_t written = socket_.write_some(pieces, ec);
    if (ec == asio::error::would_block)
      written = co_await socket_.async_write_some(pieces, asio::redirect_error(asio::use_awaitable, ec));
    co_return written;
  }
  base::Awaitable<void> finish_sending() override {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    co_return;
  }
  void cancel() override {
    error_code ignored;
    socket_.cancel(ignored);
  }
  void close() override {
    error_code ignored;
    socket_.close(ignored);
  }
  bool secure() const override { return false; }
  std::string_view agreed_protocol() const override { return {}; }
  std::string peer() const override { return peer_; }

 private:
  tcp::socket socket_;
  std::string peer_;
};

class TlsTransport final : public Transport {
 public:
  TlsTransport(tcp::socket socket, TlsContext context)
      : context_(std::move(context)),
        stream_(std::move(socket), *context_),
        peer_(address_of(stream_.next_layer())) {}

  base::Awaitable<bool> handshake() override {
    error_code ec;
    co_await stream_.async_handshake(asio::ssl::stream_base::server,
                                     asio::redirect_error(asio::use_awaitable, ec));
    co_return !ec;
  }
  base::Awaitable<std::size_t> read_some(std::span<char> into, error_code& ec) override {
    return stream_.async_read_some(asio::buffer(into.data(), into.size()),
                                   asio::redirect_error(asio::use_awaitable, ec));
  }
  void read_some(std::span<char> into, ReadDone done) override {
    stream_.async_read_some(asio::buffer(into.data(), into.size()), std::move(done));
  }
  base::Awaitable<std::size_t> write_some(std::string_view first, std::string_view second,
                                          error_code& ec) override {
    const std::string_view piece = first.empty() ? second : first;  // one record takes from one buffer
    co_return co_await stream_.async_write_some(asio::buffer(piece),
                                                asio::redirect_error(asio::use_awaitable, ec));
  }
  base::Awaitable<void> finish_sending() override {
    error_code ignored;
    co_await stream_.async_shutdown(asio::redirect_error(asio::use_awaitable, ignored));
    stream_.next_layer().shutdown(tcp::socket::shutdown_send, ignored);
  }
  void cancel() override {
    error_code ignored;
    stream_.next_layer().cancel(ignored);
  }
  void close() override {
    error_code ignored;
    stream_.next_layer().close(ignored);
  }
  bool secure() const override { return true; }
  std::string_view agreed_protocol() const override {
    const unsigned char* name = nullptr;
    unsigned int size = 0;
    // The handle is only read.
    SSL_get0_alpn_selected(const_cast<TlsTransport*>(this)->stream_.native_handle(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
  }
  std::string peer() const override { return peer_; }

 private:
  TlsContext context_;
  asio::ssl::stream<tcp::socket> stream_;
  std::string peer_;
};

}  // namespace

std::unique_ptr<Transport> plain_transport(tcp::socket socket) {
  return std::make_unique<PlainTransport>(std::move(socket));
}

std::unique_ptr<Transport> tls_transport(tcp::socket socket, TlsContext context) {
  return std::make_unique<TlsTransport>(std::move(socket), std::move(context));
}

}  // namespace caprock::server
