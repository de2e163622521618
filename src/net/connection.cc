#include "net/connection.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include "net/interrupt.h"

namespace caprock::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
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
using PlainStream = beast::tcp_stream;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

constexpr std::size_t kReadSize = 64UL << 10;
constexpr std::uint32_t kHeaderLimit = 64 * 1024;

auto into(ErrorCode& error) { return asio::redirect_error(asio::use_awaitable, error); }

void set_deadline(PlainStream& stream, MonoTime at) {
  if (at == MonoTime::max())
    stream.expires_never();
  else
    stream.expires_at(at);
}

/// What an I/O error of a request means to its caller.
Error io_error(const RequestContext& context, const ErrorCode& error, ErrorKind otherwise,
               std::string message) {
  if (auto alive = context.check(); !alive) return alive.error();
  // The stream's own timer may fire a moment before the clock is read here.
  if (error == beast::error::timeout)
    return {ErrorKind::kDeadlineExceeded, "the deadline of the request has passed"};
  return Error(otherwise, std::move(message)).with_detail(error.message());
}

http::request<http::string_body> make_message(const HttpRequest& request) {
  http::request<http::string_body> message;
  message.version(11);
  message.method_string(request.method);
  message.target(request.url.target);
  message.set(http::field::host, request.url.authority());
  message.set(http::field::user_agent, "caprock");
  for (const auto& [name, value] : request.headers) message.insert(name, value);
  message.body() = request.body;
  const bool bodiless = request.method == "GET" || request.method == "HEAD";
  if (!bodiless || !request.body.empty()) message.prepare_payload();
  return message;
}

template <class Stream>
class BasicConnection final : public Connection {
 public:
  template <class... Args>
  explicit BasicConnection(std::string host, Args&&... args)
      : host_(std::move(host)), stream_(std::forward<Args>(args)...) {}

  Stream& stream() { return stream_; }

  Awaitable<Result<void>> send(const RequestContext& context, const HttpRequest& request) override {
    const http::request<http::string_body> message = make_message(request);
    untouched_ = true;
    sent_whole_ = false;
    ErrorCode error;
    set_deadline(lowest(), context.deadline.at());
    const Interrupt interrupt(context, lowest().get_executor(), [this] { lowest().cancel(); });
    co_await http::async_write(stream_, message, into(error));
    if (error)
      co_return failure(
          io_error(context, error, ErrorKind::kUpstream, fmt::format("{} closed the connection", host_)));
    sent_whole_ = true;
    co_return Result<void>();
  }

  Awaitable<Result<ResponseHead>> read_head(const RequestContext& context,
                                            const HttpRequest& request) override {
    set_deadline(lowest(), context.deadline.at());
    const Interrupt interrupt(context, lowest().get_executor(), [this] { lowest().cancel(); });
    do {
      parser_.emplace();
      parser_->header_limit(kHeaderLimit);
      parser_->body_limit(request.response_limit);
      parser_->skip(request.method == "HEAD");
      ErrorCode error;
      co_await http::async_read_header(stream_, buffer_, *parser_, into(error));
      untouched_ = !parser_->got_some();
      if (error) co_return failure(read_error(context, error));
      // Interim answers (100, 103) come before the one that was asked for.
    } while (parser_->get().result_int() / 100 == 1 && parser_->get().result_int() != 101);
    ResponseHead head{static_cast<int>(parser_->get().result_int()), {}};
    for (const auto& field : parser_->get()) head.headers.emplace_back(field.name_string(), field.value());
    co_return head;
  }

  Awaitable<Result<std::optional<std::string>>> read_body(const RequestContext& context) override {
    std::string bytes(kReadSize, '\0');
    set_deadline(lowest(), context.deadline.at());
    const Interrupt interrupt(context, lowest().get_executor(), [this] { lowest().cancel(); });
    while (!parser_->is_done()) {
      auto& body = parser_->get().body();
      body.data = bytes.data();
      body.size = bytes.size();
      body.more = true;
      ErrorCode error;
      co_await http::async_read_some(stream_, buffer_, *parser_, into(error));
      if (error && error != http::error::need_buffer) co_return failure(read_error(context, error));
      if (const std::size_t got = bytes.size() - body.size; got != 0) {
        bytes.resize(got);
        co_return bytes;
      }
    }
    co_return std::nullopt;
  }

  bool reusable() const override {
    return sent_whole_ && parser_ && parser_->is_done() && parser_->keep_alive() && buffer_.size() == 0;
  }

  bool healthy() override {
    char byte = 0;
    const ssize_t got = ::recv(lowest().socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

  bool untouched() const override { return untouched_; }

 private:
  PlainStream& lowest() { return beast::get_lowest_layer(stream_); }

  Error read_error(const RequestContext& context, const ErrorCode& error) const {
    if (error == http::error::body_limit)
      return {ErrorKind::kPayloadTooLarge, fmt::format("the answer of {} is larger than allowed", host_)};
    return io_error(context, error, ErrorKind::kUpstream,
                    fmt::format("the answer of {} broke off or is not HTTP", host_));
  }

  std::string host_;
  Stream stream_;
  beast::flat_buffer buffer_;
  std::optional<http::response_parser<http::buffer_body>> parser_;
  bool untouched_ = true;
  bool sent_whole_ = false;
};

/// Connects to one address; the caller knows what its time limit is.
Awaitable<ErrorCode> connect(const RequestContext& context, PlainStream& stream, tcp::endpoint address,
                             MonoTime limit) {
  ErrorCode error;
  set_deadline(stream, limit);
  const Interrupt interrupt(context, stream.get_executor(), [&stream] { stream.cancel(); });
  co_await stream.async_connect(address, into(error));
  if (!error) {
    ErrorCode ignored;
    stream.socket().set_option(tcp::no_delay(true), ignored);
  }
  co_return error;
}

Awaitable<ErrorCode> handshake(const RequestContext& context, TlsStream& stream, const std::string& host) {
  boost::system::error_code not_literal;
  asio::ip::make_address(host, not_literal);
  // RFC 6066 §3: no literal addresses in the server name.
  if (not_literal && SSL_set_tlsext_host_name(stream.native_handle(), host.c_str()) != 1)
    co_return ErrorCode(static_cast<int>(::ERR_get_error()), asio::error::get_ssl_category());
  stream.set_verify_callback(ssl::host_name_verification(host));
  ErrorCode error;
  PlainStream& lowest = beast::get_lowest_layer(stream);
  const Interrupt interrupt(context, lowest.get_executor(), [&lowest] { lowest.cancel(); });
  co_await stream.async_handshake(ssl::stream_base::client, into(error));
  co_return error;
}

Error unreachable(const Url& url, const ErrorCode& error) {
  const bool slow = error == beast::error::timeout || error == asio::error::operation_aborted;
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
    const MonoTime limit = std::min(context.deadline.at(), base::system_clock().mono() + connect_timeout);
    if (url.tls()) {
      auto secure = std::make_unique<BasicConnection<TlsStream>>(url.host, executor, *tls);
      error = co_await connect(context, beast::get_lowest_layer(secure->stream()), address, limit);
      if (!error) error = co_await handshake(context, secure->stream(), url.host);
      if (!error) co_return std::unique_ptr<Connection>(std::move(secure));
    } else {
      auto plain = std::make_unique<BasicConnection<PlainStream>>(url.host, executor);
      error = co_await connect(context, plain->stream(), address, limit);
      if (!error) co_return std::unique_ptr<Connection>(std::move(plain));
    }
  }
  CAPROCK_CO_CHECK(context.check());
  co_return failure(unreachable(url, error));
}

}  // namespace caprock::net
