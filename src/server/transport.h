#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/awaitable.h"
#include "server/tls.h"

namespace caprock::server {

/// The bytes of one accepted connection, in the clear or through TLS. All calls on its loop. At most one read
/// and one write at a time.
class Transport {
 public:
  using ReadDone = std::move_only_function<void(boost::system::error_code, std::size_t)>;

  virtual ~Transport() = default;
  /// False when the client and we do not come together.
  virtual base::Awaitable<bool> handshake() = 0;
  virtual base::Awaitable<std::size_t> read_some(std::span<char> into, boost::system::error_code& ec) = 0;
  /// The same for who does not wait. Never calls `done` from within.
  virtual void read_some(std::span<char> into, ReadDone done) = 0;
  /// Writes a part of `first` followed by `second`; returns how much.
  virtual base::Awaitable<std::size_t> write_some(std::string_view first, std::string_view second,
                                                  boost::system::error_code& ec) = 0;
  /// Tells the client that nothing more comes.
  virtual base::Awaitable<void> finish_sending() = 0;
  /// Ends what is being awaited, with operation_aborted.
  virtual void cancel() = 0;
  virtual void close() = 0;
  virtual bool secure() const = 0;
  /// What the handshake agreed on by ALPN ("h2", "http/1.1"), or empty.
  virtual std::string_view agreed_protocol() const = 0;
  /// The client's address without port.
  virtual std::string peer() const = 0;
};

std::unique_ptr<Transport> plain_transport(boost::asio::ip::tcp::socket socket);
std::unique_ptr<Transport> tls_transport(boost::asio::ip::tcp::socket socket, TlsContext context);

}  // namespace caprock::server
