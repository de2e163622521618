#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/awaitable.h"
#include "base/context.h"
#include "net/http1_response.h"
#include "net/http_client.h"

namespace caprock::net {

/// One connection to one server: one request and its answer at a time. Belongs to the loop that opened it.
/// Every error leaves it unusable.
class Connection {
 public:
  virtual ~Connection() = default;
  virtual base::Awaitable<base::Result<void>> send(const base::RequestContext& context,
                                                   const HttpRequest& request) = 0;
  virtual base::Awaitable<base::Result<ResponseHead>> read_head(const base::RequestContext& context,
                                                                const HttpRequest& request) = 0;
  virtual base::Awaitable<base::Result<std::optional<std::string>>> read_body(
      const base::RequestContext& context) = 0;
  /// The answer was read to its end and the server keeps the connection open.
  virtual bool reusable() const = 0;
  /// False when the server has closed it, or sent what nobody asked for.
  virtual bool healthy() = 0;
  /// Nothing of the answer had come when the last operation failed: a stale connection.
  virtual bool untouched() const = 0;
};

/// Tries the addresses in turn, each for at most `connect_timeout`. `tls` is used for https only. Errors:
/// kUnavailable naming the host and the reason, kCancelled, kDeadlineExceeded.
base::Awaitable<base::Result<std::unique_ptr<Connection>>> open_connection(
    const base::RequestContext& context, const Url& url,
    std::vector<boost::asio::ip::tcp::endpoint> addresses, boost::asio::ssl::context* tls,
    std::chrono::milliseconds connect_timeout);

}  // namespace caprock::net
