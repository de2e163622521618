#include "net/connection.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>
#include <type_traits>

#include "net/http1_request.h"
#include "net/http1_response.h"
#include "net/io_guard.h"

namespace caprock::net {
namespace {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using asio::ip::tcp;
using base::Awaitable;
using base::Error;
using base::ErrorKind;
using base::failure;
using base::MonoTime;
using base::RequestContext;
using base::Result;
using ErrorCode = boost::system::error_code;
using PlainStream = tcp::socket;
using TlsStream = ssl::stream<tcp::socket>;

// The first buffer holds what most answers are; one that is always filled grows, so that large bodies take
// few reads.
constexpr std::size_t kFirstBuffer = 8UL << 10;
constexpr std::size_t kLargestBuffer = 64UL << 10;

auto into(ErrorCode& error) { return asio::redirect_error(asio::use_awaitable, error); }

// The socket's buffer nearly always has room: then there is nothing to wait for.
Awaitable<std::size_t> write_some(PlainStream& stream, std::string_view first, std::string_view second,
                                  ErrorCode& error) {
  const std::array pieces{asio::buffer(first), asio::buffer(second)};
  std::size_t written = stream.write_some(pieces, error);
  if (error == asio::error::would_block) written = co_await stream.async_write_some(pieces, into(error));
  co_return written;
}

Awaitable<std::size_t> write_some(TlsStream& stream, std::string_view first, std::string_view second,
                                  ErrorCode& error) {
  const std::string_view piece = first.empty() ? second : first;  // one record takes from one buffer
  co_return co_await stream.async_write_some(asio::buffer(piece), into(error));
}

/// What comes from the other side and was not parsed yet.
class Input {
 public:
  std::string_view unparsed() const { return {bytes_.data() + begin_, end_ - begin_}; }
  void consume(std::size_t bytes) {
    begin_ += bytes;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  bool empty() const { return begin_ == end_; }
  /// Room for the next read.
  asio::mutable_buffer room() {
    if (begin_ > 0) {
      std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    if (end_ == bytes_.size())
      bytes_.resize(std::clamp(bytes_.size() * 2, kFirstBuffer, kLargestBuffer + kFirstBuffer));
    return asio::buffer(bytes_.data() + end_, bytes_.size() - end_);
  }
  void filled(std::size_t bytes) { end_ += bytes; }
  /// What a large answer has grown is given back.
  void rest() {
    if (bytes_.size() > kFirstBuffer) bytes_ = std::vector<char>();
  }

 private:
  std::vector<char> bytes_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

template <class Stream>
class BasicConnection final : public Connection {
 public:
  template <class... Args>
  explicit BasicConnection(std::string host, Args&&... args)
      : host_(std::move(host)), stream_(std::forward<Args>(args)...), guard_(stream_.get_executor(), [this] {
          ErrorCode ignored;
          socket().cancel(ignored);
        }) {}

  Stream& stream() { return stream_; }
  tcp::socket& socket() {
    if constexpr (std::is_same_v<Stream, TlsStream>)
      return stream_.next_layer();
    else
      return stream_;
  }
  IoGuard& guard() { return guard_; }

  Awaitable<Result<void>> send(const RequestContext& context, const HttpRequest& request) override {
    untouched_ = true;
    sent_whole_ = false;
    head_.clear();
    append_request_head(head_, request);
    const IoGuard::Watch watch(guard_, context);
    std::string_view first = head_;
    std::string_view second = request.body;
    ErrorCode error;
    while (!error && first.size() + second.size() > 0) {
      const std::size_t written = co_await write_some(stream_, first, second, error);
      second.remove_prefix(written > first.size() ? written - first.size() : 0);
      first.remove_prefix(std::min(written, first.size()));
    }
    if (error)
      co_return failure(
          io_error(context, error, ErrorKind::kUpstream, fmt::format("{} closed the connection", host_)));
    sent_whole_ = true;
    co_return Result<void>();
  }

  Awaitable<Result<ResponseHead>> read_head(const RequestContext& context,
                                            const HttpRequest& request) override {
    answer_.begin(request.method == "HEAD", {.body = request.response_limit});
    while (true) {
      auto taken = answer_.put_head(input_.unparsed());
      if (!taken) co_return failure(explained(std::move(taken).error()));
      input_.consume(*taken);
      if (answer_.head_done()) co_return answer_.take_head();
      CAPROCK_CO_CHECK(co_await read_more(context));
    }
  }

  Awaitable<Result<std::optional<std::string>>> read_body(const RequestContext& context) override {
    std::string bytes;
    while (true) {
      if (!input_.empty()) {
        auto taken = answer_.put_body(input_.unparsed(), bytes);
        if (!taken) co_return failure(explained(std::move(taken).error()));
        input_.consume(*taken);
        if (!bytes.empty()) co_return bytes;
      }
      if (answer_.done()) {
        guard_.rest();
        input_.rest();
        co_return std::nullopt;
      }
      CAPROCK_CO_CHECK(co_await read_more(context));
    }
  }

  bool reusable() const override {
    return sent_whole_ && answer_.done() && answer_.keeps_alive() && input_.empty();
  }

  bool healthy() override {
    char byte = 0;
    const ssize_t got = ::recv(socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

  bool untouched() const override { return untouched_; }

 private:
  Awaitable<Result<void>> read_more(const RequestContext& context) {
    ErrorCode error;
    const IoGuard::Watch watch(guard_, context);
    const std::size_t got = co_await stream_.async_read_some(input_.room(), into(error));
    input_.filled(got);
    if (got > 0) untouched_ = false;
    // Under TLS this is the server's own goodbye, which nobody on the way can forge.
    if (error == asio::error::eof && answer_.end()) co_return Result<void>();
    if (error) co_return failure(io_error(context, error, ErrorKind::kUpstream, broke_off()));
    co_return Result<void>();
  }

  /// What an I/O error of a request means to its caller.
  Error io_error(const RequestContext& context, const ErrorCode& error, ErrorKind otherwise,
                 std::string message) const {
    if (auto alive = context.check(); !alive) return alive.error();
    // The timer may fire a moment before the clock is read here.
    if (guard_.expired()) return {ErrorKind::kDeadlineExceeded, "the deadline of the request has passed"};
    return Error(otherwise, std::move(message)).with_detail(error.message());
  }

  std::string broke_off() const { return fmt::format("the answer of {} broke off or is not HTTP", host_); }

  Error explained(Error error) const {
    if (error.kind == ErrorKind::kPayloadTooLarge)
      return {ErrorKind::kPayloadTooLarge, fmt::format("the answer of {} is larger than allowed", host_)};
    return Error(ErrorKind::kUpstream, broke_off()).with_detail(std::move(error.message));
  }

  std::string host_;
  Stream stream_;
  IoGuard guard_;
  std::string head_;  ///< of the request; kept for its memory
  Input input_;
  Http1Response answer_;
  bool untouched_ = true;
  bool sent_whole_ = false;
};

/// Connects to one address; the context's deadline is the limit.
Awaitable<ErrorCode> connect(RequestContext limited, IoGuard& guard, tcp::socket& socket,
                             tcp::endpoint address) {
  ErrorCode error;
  const IoGuard::Watch watch(guard, limited);
  co_await socket.async_connect(address, into(error));
  if (!error) {
    ErrorCode ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    socket.non_blocking(true, ignored);
  }
  co_return error;
}

Awaitable<ErrorCode> handshake(RequestContext limited, IoGuard& guard, TlsStream& stream,
                               const std::string& host) {
  boost::system::error_code not_literal;
  asio::ip::make_address(host, not_literal);
  // RFC 6066 §3: no literal addresses in the server name.
  if (not_literal && SSL_set_tlsext_host_name(stream.native_handle(), host.c_str()) != 1)
    co_return ErrorCode(static_cast<int>(::ERR_get_error()), asio::error::get_ssl_category());
  stream.set_verify_callback(ssl::host_name_verification(host));
  ErrorCode error;
  const IoGuard::Watch watch(guard, limited);
  co_await stream.async_handshake(ssl::stream_base::client, into(error));
  co_return error;
}

Error unreachable(const Url& url, const ErrorCode& error) {
  const bool slow = error == asio::error::operation_aborted;
  return {ErrorKind::kUnavailable,
          fmt::format("cannot reach {}: {}", url.authority(), slow ? "no answer in time" : error.message())};
}

}  // namespace

Awaitable<Result<std::unique_ptr<Connection>>> open_connection(const RequestContext& context, const Url& url,
                                                               std::vector<tcp::endpoint> addresses,
                                                               ssl::context* tls,
                                                               std::chrono::milliseconds connect_timeout) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  ErrorCode error = asio::error::host_not_found;
  for (const tcp::endpoint& address : addresses) {
    CAPROCK_CO_CHECK(context.check());
    RequestContext limited = context;
    limited.deadline =
        base::Deadline(std::min(context.deadline.at(), base::system_clock().mono() + connect_timeout));
    if (url.tls()) {
      auto secure = std::make_unique<BasicConnection<TlsStream>>(url.host, executor, *tls);
      error = co_await connect(limited, secure->guard(), secure->socket(), address);
      if (!error) error = co_await handshake(limited, secure->guard(), secure->stream(), url.host);
      if (!error) co_return std::unique_ptr<Connection>(std::move(secure));
    } else {
      auto plain = std::make_unique<BasicConnection<PlainStream>>(url.host, executor);
      error = co_await connect(limited, plain->guard(), plain->socket(), address);
      if (!error) co_return std::unique_ptr<Connection>(std::move(plain));
    }
  }
  CAPROCK_CO_CHECK(context.check());
  co_return failure(unreachable(url, error));
}

}  // namespace caprock::net
