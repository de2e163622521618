#include "server/http1_connection.h"

#include <algorithm>

#include "server/body_pace.h"
#include "server/http1_parser.h"
#include "server/http1_sink.h"
#include "server/wire.h"

namespace caprock::server {
namespace {

using base::ErrorKind;

// A body that its handler left unread is read to its end when little is left; else the connection ends.
constexpr std::uint64_t kDrainBytes = 256 * 1024UL;

// A connection that was accepted just before a drain may have its request on the way.
constexpr std::chrono::milliseconds kLateRequest{300};

// Bodies are read in pieces of up to this.
constexpr std::size_t kBodyPiece = 64 * 1024UL;

// RFC 9113 §3.4
constexpr std::string_view kHttp2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

base::MonoTime now() { return std::chrono::steady_clock::now(); }

class Http1Connection final : public Connection {
 public:
  Http1Connection(Wire& wire, Dispatcher& dispatcher, const Settings& settings, Http1Start start)
      : dispatcher_(dispatcher),
        settings_(settings),
        start_(start),
        wire_(wire),
        parser_({.header = settings.max_header.count, .target = settings.max_target.count}) {
    wire_.set_on_gone([this] { stop(StopCause::kClientGone); });
  }

  base::Awaitable<void> run() override;
  void tick(base::MonoTime at) override {
    if (active_ != nullptr && at >= request_deadline_) active_->request(StopCause::kDeadline);
  }
  void drain() override {
    draining_ = true;
    if (idle_) wire_.interrupt();
  }
  void stop(StopCause cause) override {
    if (active_ != nullptr) active_->request(cause);
  }
  void abort() override { wire_.abort(); }

 private:
  class Body;
  enum class Head { kRequest, kNothing, kRefused, kHttp2 };
  base::Awaitable<Head> read_head();
  bool may_be_http2() const;
  base::Awaitable<bool> serve_next();
  base::Awaitable<bool> answer_request();
  base::Awaitable<void> refuse(base::Error error);
  base::Awaitable<base::Result<std::optional<std::string>>> read_body();
  base::Awaitable<base::Result<void>> more_body();
  base::Awaitable<bool> drop_body();
  bool leaves_body_unread() const;

  Dispatcher& dispatcher_;
  const Settings& settings_;
  const Http1Start start_;
  Wire& wire_;
  Http1Parser parser_;
  BodyPace pace_{std::chrono::nanoseconds(0)};
  RequestStop* active_ = nullptr;  ///< of the request being answered
  Http1Sink* sink_ = nullptr;
  base::MonoTime request_deadline_ = base::MonoTime::max();
  bool idle_ = true;      ///< between requests, and no byte of the next is here
  bool is_first_ = true;  ///< no request was answered yet
  bool draining_ = false;
  bool linger_ = false;
  bool continue_due_ = false;
  bool body_broken_ = false;
};

// The body of the request being answered. Lives in the exchange, so never longer than the connection.
class Http1Connection::Body final : public BodyReader {
 public:
  explicit Body(Http1Connection& connection) : connection_(connection) {}
  base::Awaitable<base::Result<std::optional<std::string>>> read() override {
    return connection_.read_body();
  }

 private:
  Http1Connection& connection_;
};

base::Awaitable<void> Http1Connection::run() {
  if (start_.overloaded)
    co_await refuse(base::Error(ErrorKind::kUnavailable, "the server has as many connections as it takes")
                        .with_retry_after(std::chrono::seconds(1)));
  else
    while (co_await serve_next()) {
    }
  wire_.set_on_gone(nullptr);
  if (start_.http2 == nullptr || !*start_.http2) co_await wire_.close(linger_);
}

// HTTP/2's preface, or its beginning. No request of HTTP/1.1 has such a method.
bool Http1Connection::may_be_http2() const {
  return start_.http2 != nullptr && is_first_ &&
         kHttp2Preface.starts_with(wire_.input().substr(0, kHttp2Preface.size()));
}

base::Awaitable<bool> Http1Connection::serve_next() {
  parser_.reset();
  if (co_await read_head() != Head::kRequest) co_return false;
  co_return co_await answer_request();
}

base::Awaitable<Http1Connection::Head> Http1Connection::read_head() {
  auto give_up_at = base::MonoTime::max();
  while (true) {
    idle_ = wire_.input().empty();
    if (!idle_ && may_be_http2()) {
      if (wire_.input().size() >= kHttp2Preface.size()) {
        *start_.http2 = true;
        co_return Head::kHttp2;
      }
      if (give_up_at == base::MonoTime::max()) give_up_at = now() + settings_.header_timeout;
    } else if (!idle_) {
      auto taken = parser_.put(wire_.input());
      if (!taken) {
        co_await refuse(std::move(taken).error());
        co_return Head::kRefused;
      }
      wire_.consume(*taken);
      if (parser_.head_done()) co_return Head::kRequest;
      if (give_up_at == base::MonoTime::max()) give_up_at = now() + settings_.header_timeout;
    } else if (draining_ && !is_first_) {
      co_return Head::kNothing;
    }
    const std::chrono::nanoseconds patience = draining_ ? kLateRequest : settings_.idle_timeout;
    const Wire::Fill got = co_await wire_.fill(idle_ ? patience : give_up_at - now());
    if (got == Wire::Fill::kData) continue;
    if (got == Wire::Fill::kTimeout && idle_ && draining_ && is_first_) {
      is_first_ = false;
      continue;
    }
    if (got == Wire::Fill::kEnd || wire_.input().empty()) co_return Head::kNothing;
    co_await refuse({ErrorKind::kRequestTimeout, "the request headers took too long to arrive"});
    co_return Head::kRefused;
  }
}

// Tells of something that never became a request. What the client sends after it means nothing any more.
base::Awaitable<void> Http1Connection::refuse(base::Error error) {
  linger_ = true;
  Http1Sink sink(wire_, {});
  co_await dispatcher_.refuse(std::move(error), Protocol::kHttp11, wire_.peer(), sink);
}

bool Http1Connection::leaves_body_unread() const {
  if (parser_.done()) return false;
  return continue_due_ || body_broken_ || parser_.body_left().value_or(kDrainBytes + 1) > kDrainBytes;
}

base::Awaitable<bool> Http1Connection::answer_request() {
  is_first_ = false;
  Request request = parser_.take_head();
  request.scheme = wire_.secure() ? "https" : "http";
  request.peer = wire_.peer();
  request.protocol = parser_.is_http10() ? Protocol::kHttp10 : Protocol::kHttp11;
  request.body = std::make_unique<Body>(*this);
  Http1Sink sink(wire_, {.head = request.method == "HEAD",
                         .http10 = parser_.is_http10(),
                         .keep_alive = parser_.keep_alive(),
                         .must_close = [this] { return draining_ || leaves_body_unread(); }});
  continue_due_ = parser_.expects_continue() && !parser_.done() && wire_.input().empty();
  body_broken_ = false;
  pace_ = BodyPace(settings_.body_timeout);

  RequestStop stop;
  active_ = &stop;
  sink_ = &sink;
  request_deadline_ = now() + settings_.request_timeout;
  if (parser_.done()) wire_.watch();
  co_await dispatcher_.handle(
      std::move(request), sink,
      Arrival{.stop = stop, .deadline = base::Deadline(request_deadline_), .principal = {}});
  active_ = nullptr;
  sink_ = nullptr;

  if (!sink.complete()) co_return false;
  if (leaves_body_unread() || !co_await drop_body()) {
    linger_ = true;
    co_return false;
  }
  co_return sink.keeps_alive();
}

base::Awaitable<base::Result<std::optional<std::string>>> Http1Connection::read_body() {
  if (continue_due_) {
    continue_due_ = false;
    if (sink_ != nullptr && !sink_->started()) co_await wire_.send("HTTP/1.1 100 Continue\r\n\r\n");
  }
  while (!parser_.has_body_bytes()) {
    if (parser_.done()) {
      wire_.watch();
      co_return std::nullopt;
    }
    CAPROCK_CO_CHECK(co_await more_body());
  }
  std::string bytes = parser_.take_body_bytes();
  pace_.received(bytes.size());
  co_return bytes;
}

// Parses what is here, or waits for more to come.
base::Awaitable<base::Result<void>> Http1Connection::more_body() {
  if (body_broken_)
    co_return base::failure(base::Error(ErrorKind::kCancelled, "the request body has ended early"));
  if (!wire_.input().empty()) {
    auto taken = parser_.put(wire_.input());
    if (!taken || (*taken == 0 && wire_.full())) {
      body_broken_ = true;
      co_return base::failure(taken ? base::invalid_argument("", "a chunk of the body has too long a header")
                                    : std::move(taken).error());
    }
    wire_.consume(*taken);
    if (*taken > 0) co_return base::Result<void>{};
  }
  const auto began = now();
  const Wire::Fill got = co_await wire_.fill(
      pace_.allowance(), std::min<std::uint64_t>(parser_.body_left().value_or(kBodyPiece), kBodyPiece));
  pace_.waited(now() - began);
  if (got == Wire::Fill::kData) co_return base::Result<void>{};
  body_broken_ = true;
  if (got == Wire::Fill::kTimeout)
    co_return base::failure(
        base::Error(ErrorKind::kRequestTimeout, "the request body took too long to arrive"));
  stop(StopCause::kClientGone);
  co_return base::failure(base::Error(ErrorKind::kCancelled, "the client has gone"));
}

base::Awaitable<bool> Http1Connection::drop_body() {
  while (!parser_.done()) {
    const auto piece = co_await read_body();
    if (!piece) co_return false;
  }
  co_return true;
}

}  // namespace

std::unique_ptr<Connection> http1_connection(Wire& wire, Dispatcher& dispatcher, const Settings& settings,
                                             Http1Start start) {
  return std::make_unique<Http1Connection>(wire, dispatcher, settings, start);
}

}  // namespace caprock::server
