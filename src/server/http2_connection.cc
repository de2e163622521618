#include "server/http2_connection.h"

#include <nghttp2/nghttp2.h>

#include <boost/asio/co_spawn.hpp>
#include <map>
#include <vector>

#include "base/log.h"
#include "server/http2_flight.h"
#include "server/http2_sink.h"

namespace caprock::server {
namespace {

namespace asio = boost::asio;

// What is made into frames before the socket has taken what was made before.
constexpr std::size_t kOutput = 64 * 1024UL;
constexpr std::size_t kRead = 16 * 1024UL;
constexpr auto kForever = std::chrono::hours(24 * 365);

// What is left of a body when its answer is whole is taken and dropped within these bounds, as at the end of
// an HTTP/1.1 connection: some clients (httpx) look for the answer only when they have sent everything.
constexpr std::chrono::seconds kLinger{30};
constexpr std::chrono::seconds kLingerSilence{5};
constexpr std::uint64_t kLingerBytes = 64 * 1024UL * 1024;

// A drain is announced so long before it takes effect: requests may be on their way (RFC 9113 §6.8).
constexpr std::chrono::milliseconds kLateRequests{300};

// Streams are refused while so many times more exchanges run than streams are open: those that the client
// has broken off have yet to notice.
constexpr std::size_t kSlowToEnd = 2;

base::MonoTime now() { return std::chrono::steady_clock::now(); }

Http2Session::Limits limits_of(const Settings& settings) {
  return {.head = {.header = settings.max_header.count, .target = settings.max_target.count},
          .streams = static_cast<std::uint32_t>(settings.http2_streams),
          .window = static_cast<std::uint32_t>(settings.http2_window.count),
          .resets = static_cast<std::uint32_t>(settings.http2_resets),
          .control_frames = static_cast<std::uint32_t>(settings.http2_control_frames)};
}

class Http2Connection final : public Connection, public Http2Link, public Http2Session::Owner {
 public:
  Http2Connection(Wire& wire, Dispatcher& dispatcher, const Settings& settings, Http2Metrics& metrics,
                  asio::any_io_executor executor)
      : wire_(wire),
        dispatcher_(dispatcher),
        settings_(settings),
        metrics_(metrics),
        executor_(std::move(executor)),
        session_(limits_of(settings), *this),
        output_due_(executor_),
        ended_(executor_) {}

  base::Awaitable<void> run() override;
  void tick(base::MonoTime at) override;
  void drain() override;
  void stop(StopCause cause) override;
  void abort() override { wire_.abort(); }

 private:
  // Http2Link
  Http2Session& session() override { return session_; }
  void push() override;
  // Http2Session::Owner
  Http2Stream* open(std::int32_t id) override;
  void changed(Http2Stream& stream) override;

  base::Awaitable<void> write();
  base::Awaitable<void> answer(Http2Flight* flight);
  base::Awaitable<void> drop_body(Http2Flight* flight);
  void begin(Http2Flight& flight);
  void settle();
  void retire(const Http2Flight& flight);
  void check(Http2Flight& flight, base::MonoTime at);
  void announce_drain();
  void take_no_more();
  void leave();
  void report_fault();
  bool finished() const { return !session_.alive() || (no_more_ && flights_.empty()); }

  Wire& wire_;
  Dispatcher& dispatcher_;
  const Settings& settings_;
  Http2Metrics& metrics_;
  asio::any_io_executor executor_;
  Http2Session session_;
  std::map<std::int32_t, std::unique_ptr<Http2Flight>> flights_;
  std::vector<Http2Flight*> unsettled_;
  std::string filling_;  ///< frames for the next write
  std::string sending_;  ///< frames of the present one
  LoopSignal output_due_;
  LoopSignal ended_;  ///< a flight, or the writer
  base::MonoTime idle_since_ = now();
  base::MonoTime no_more_at_ = base::MonoTime::max();
  base::MonoTime quiet_until_{};
  bool used_ = false;  ///< there was a request
  bool draining_ = false;
  bool latecomer_ = false;  ///< a stream was opened since
  bool no_more_ = false;    ///< the client was told that new streams are not taken
  bool ending_ = false;     ///< nothing more is read
  bool writing_ = false;    ///< the writer has not ended
};

base::Awaitable<void> Http2Connection::run() {
  writing_ = true;
  asio::co_spawn(executor_, write(), [this](const std::exception_ptr& failed) {
    writing_ = false;
    ended_.notify();
    if (failed) std::rethrow_exception(failed);
  });
  while (!ending_) {
    if (const std::string_view input = wire_.input(); !input.empty()) {
      session_.feed(input, now());
      wire_.consume(input.size());
      push();
      if (!session_.alive()) break;
    }
    if (co_await wire_.fill(kForever, kRead) == Wire::Fill::kEnd) break;
  }
  leave();
  while (writing_ || !flights_.empty()) co_await ended_.wait();
  report_fault();
  co_await wire_.close(session_.fault() != Http2Session::Fault::kNone);
}

// The one who writes: whatever has become frames meanwhile goes out at once.
base::Awaitable<void> Http2Connection::write() {
  while (!wire_.broken()) {
    push();
    if (filling_.empty()) {
      if (ending_ || finished()) break;
      co_await output_due_.wait();
      continue;
    }
    std::swap(filling_, sending_);
    co_await wire_.send(sending_);
    if (filling_.empty() && sending_.capacity() > kRead)
      sending_ = std::string();
    else
      sending_.clear();
  }
  ending_ = true;
  wire_.interrupt();  // no write is under way
}

void Http2Connection::push() {
  announce_drain();
  session_.collect(filling_, kOutput);
  settle();
  if (!filling_.empty() || finished()) output_due_.notify();
}

Http2Stream* Http2Connection::open(std::int32_t id) {
  if (no_more_ || ending_ ||
      flights_.size() >= kSlowToEnd * static_cast<std::size_t>(settings_.http2_streams))
    return nullptr;
  latecomer_ = draining_ && used_;
  used_ = true;
  auto& flight = flights_[id];
  flight = std::make_unique<Http2Flight>(id, executor_, settings_.body_timeout);
  return flight.get();
}

void Http2Connection::changed(Http2Stream& stream) {
  auto& flight = static_cast<Http2Flight&>(stream);
  flight.readable.notify();
  flight.writable.notify();
  const bool matters = flight.closed || (flight.head_done && !flight.running);
  if (matters && !std::exchange(flight.unsettled, true)) unsettled_.push_back(&flight);
}

// What the session's callbacks only noted: here it may be called back.
void Http2Connection::settle() {
  for (Http2Flight* flight : std::exchange(unsettled_, {})) {
    flight->unsettled = false;
    if (!flight->closed) {
      begin(*flight);
    } else if (!flight->running) {
      retire(*flight);
    } else if (!flight->answer_sent) {
      flight->stop.request(StopCause::kClientGone);
    }
  }
}

void Http2Connection::begin(Http2Flight& flight) {
  flight.running = true;
  asio::co_spawn(executor_, answer(&flight), [this, &flight](const std::exception_ptr& failed) {
    if (failed) session_.reset(flight, NGHTTP2_INTERNAL_ERROR);
    retire(flight);
    if (failed) std::rethrow_exception(failed);
  });
}

void Http2Connection::retire(const Http2Flight& flight) {
  session_.detach(flight);
  std::erase(unsettled_, &flight);
  flights_.erase(flight.id);
  idle_since_ = now();
  output_due_.notify();
  ended_.notify();
}

base::Awaitable<void> Http2Connection::answer(Http2Flight* flight) {
  auto request = flight->head.take();
  Http2Sink sink(*this, *flight, request && request->method == "HEAD");
  if (request) {
    flight->continue_due = !flight->body_ended && request->headers.get("expect") == "100-continue";
    flight->deadline = now() + settings_.request_timeout;
    request->scheme = wire_.secure() ? "https" : "http";
    request->peer = wire_.peer();
    request->body = std::make_unique<Http2Body>(*this, *flight);
    co_await dispatcher_.handle(
        std::move(*request), sink,
        Arrival{.stop = flight->stop, .deadline = base::Deadline(flight->deadline), .principal = {}});
    flight->deadline = base::MonoTime::max();
  } else {
    co_await dispatcher_.refuse(std::move(request).error(), Protocol::kHttp2, wire_.peer(), sink);
  }
  if (sink.complete()) {
    co_await drop_body(flight);
  } else {
    session_.reset(*flight, NGHTTP2_INTERNAL_ERROR);
    push();
  }
}

base::Awaitable<void> Http2Connection::drop_body(Http2Flight* flight) {
  Http2Body body(*this, *flight);
  const std::uint64_t most = flight->received + kLingerBytes;
  const auto until = now() + kLinger;
  flight->pace = BodyPace(kLingerSilence);
  while (!flight->body_ended && !flight->continue_due && flight->received <= most && now() < until)
    if (!co_await body.read()) break;
  if (flight->body_ended) co_return;
  session_.reset(*flight, NGHTTP2_NO_ERROR);  // RFC 9113 §8.1: the rest is not needed
  push();
}

void Http2Connection::tick(base::MonoTime at) {
  for (auto& [id, flight] : flights_) check(*flight, at);
  if (ending_) return;
  if (at >= no_more_at_) take_no_more();
  if (flights_.empty() && at - idle_since_ > settings_.idle_timeout) take_no_more();
  const auto waiting_since = session_.greeted() ? session_.head_began() : idle_since_;
  if (waiting_since && at - *waiting_since > settings_.header_timeout) {
    take_no_more();
    ending_ = true;
  }
  push();
}

void Http2Connection::check(Http2Flight& flight, base::MonoTime at) {
  if (at >= flight.deadline) flight.stop.request(StopCause::kDeadline);
  if (at >= flight.body_deadline) {
    flight.body_too_slow = true;
    flight.readable.notify();
  }
  const bool moved = std::exchange(flight.answered_before, flight.answered) != flight.answered;
  if (moved || flight.unsent() == 0 || flight.moved == base::MonoTime{}) flight.moved = at;
  if (at - flight.moved > settings_.write_timeout) {
    session_.reset(flight, NGHTTP2_CANCEL);
    flight.stop.request(StopCause::kClientGone);
  }
}

void Http2Connection::drain() {
  draining_ = true;
  // A connection without a request so far may have its first on the way, as in HTTP/1.1.
  if (!used_) quiet_until_ = now() + kLateRequests;
  push();
}

// GOAWAY waits for the streams that run, unless their client opens more: to hyper-h2, and so to httpx, even a
// notice ends everything at once.
void Http2Connection::announce_drain() {
  if (!draining_ || no_more_ || no_more_at_ != base::MonoTime::max()) return;
  if (!latecomer_ && (!flights_.empty() || now() < quiet_until_)) return;
  no_more_at_ = now() + kLateRequests;
  session_.announce_shutdown();
}

void Http2Connection::take_no_more() {
  if (!std::exchange(no_more_, true)) session_.take_no_more();
}

void Http2Connection::stop(StopCause cause) {
  if (cause == StopCause::kShutdown) take_no_more();
  for (auto& [id, flight] : flights_) flight->stop.request(cause);
  push();
}

// Nothing more comes: what still runs is told, and the writer gets to its end.
void Http2Connection::leave() {
  ending_ = true;
  output_due_.notify();
  for (auto it = flights_.begin(); it != flights_.end();) {
    Http2Flight& flight = *(it++)->second;
    session_.detach(flight);
    flight.closed = true;
    changed(flight);
  }
  settle();
}

void Http2Connection::report_fault() {
  if (session_.fault() == Http2Session::Fault::kNone) return;
  metrics_.fault(static_cast<std::size_t>(session_.fault()));
  base::log(base::LogLevel::kWarn, "HTTP/2 connection closed for what its client did",
            {{"reason", Http2Session::name_of(session_.fault())}, {"peer", wire_.peer()}});
}

}  // namespace

Http2Metrics::Http2Metrics(base::MetricRegistry& registry) {
  for (std::size_t i = 0; i < faults_.size(); ++i)
    faults_.at(i) = &registry.counter(
        "caprock_http2_faults_total", "HTTP/2 connections closed for what their client did",
        {{"reason", std::string(Http2Session::name_of(static_cast<Http2Session::Fault>(i)))}});
}

std::unique_ptr<Connection> http2_connection(Wire& wire, Dispatcher& dispatcher, const Settings& settings,
                                             Http2Metrics& metrics, const asio::any_io_executor& executor) {
  return std::make_unique<Http2Connection>(wire, dispatcher, settings, metrics, executor);
}

}  // namespace caprock::server
