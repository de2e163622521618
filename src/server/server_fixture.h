#pragma once

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <stop_token>
#include <string>

#include "base/event.h"
#include "server/server.h"
#include "server/sse_writer.h"
#include "server/test_client.h"

namespace caprock::server {

using Outcome = base::Awaitable<base::Result<void>>;

/// A real server on port 0 with a few routes. Change `settings_` before serve(). For tests.
class ServerFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    settings_.listen = "127.0.0.1:0";
    settings_.loops = 2;
    settings_.access_log = false;
  }

  void serve() {
    router_ = std::make_unique<Router>(routes());
    auth_ = std::make_unique<Auth>(settings_, base::Secret());
    dispatcher_ = std::make_unique<Dispatcher>(*router_, *auth_, settings_, base::null_metrics());
    loops_ = std::make_unique<EventLoops>(static_cast<std::size_t>(settings_.loops));
    server_ = std::make_unique<Server>(settings_, *dispatcher_, *loops_, base::null_metrics());
    const auto started = server_->start();
    ASSERT_TRUE(started) << started.error().message;
  }
  std::uint16_t port() const { return server_->port(); }
  std::string ask(std::string_view bytes) { return TestClient(port()).ask(bytes); }

  /// Set once /wait has begun; and why it ended.
  std::promise<void> waiting_;
  std::promise<StopCause> ended_;
  StopCause end_of_wait() {
    auto ended = ended_.get_future();
    if (ended.wait_for(std::chrono::seconds(20)) != std::future_status::ready) return StopCause::kNone;
    return ended.get();
  }

  Settings settings_;
  std::unique_ptr<Router> router_;
  std::unique_ptr<Auth> auth_;
  std::unique_ptr<Dispatcher> dispatcher_;
  std::unique_ptr<EventLoops> loops_;
  std::unique_ptr<Server> server_;

 private:
  static Outcome hello(Exchange& x) { co_return co_await respond(x.response, 200, {}, "hello"); }
  static Outcome echo(Exchange& x) {
    CAPROCK_CO_TRY(std::string body, co_await read_all(*x.request.body, 1U << 30));
    co_return co_await respond(x.response, 200, {}, std::move(body));
  }
  static Outcome ignore_body(Exchange& x) { co_return co_await respond(x.response, 200, {}, "ignored"); }
  static Outcome stream(Exchange& x) {
    CAPROCK_CO_CHECK(co_await x.response.start(200, {}, std::nullopt));
    for (const char* piece : {"one", "two", "three"}) CAPROCK_CO_CHECK(co_await x.response.write(piece));
    co_return co_await x.response.finish();
  }
  static Outcome big(Exchange& x) {
    const auto pieces = std::stoul(x.param(0));
    CAPROCK_CO_CHECK(co_await x.response.start(200, {}, pieces * 100'000));
    for (std::size_t i = 0; i < pieces; ++i)
      CAPROCK_CO_CHECK(co_await x.response.write(std::string(100'000, static_cast<char>('a' + i % 26))));
    co_return co_await x.response.finish();
  }
  static Outcome break_off(Exchange& x) {
    CAPROCK_CO_CHECK(co_await x.response.start(200, {}, std::nullopt));
    CAPROCK_CO_CHECK(co_await x.response.write("half"));
    co_return base::failure(base::internal_error("test"));
  }
  // Until the request is stopped; then it fails as work that was cancelled does.
  static Outcome wait_for_stop(ServerFixture* self, Exchange* x) {
    base::Event stopped(co_await boost::asio::this_coro::executor);
    const std::stop_callback callback(x->context.cancelled, [&] { stopped.signal(); });
    self->waiting_.set_value();
    while (!x->context.cancelled.stop_requested()) co_await stopped.wait(std::chrono::seconds(20));
    self->ended_.set_value(x->stop->cause());
    co_return base::failure(base::Error(base::ErrorKind::kCancelled, "cancelled"));
  }
  static Outcome wait_in_stream(ServerFixture* self, Exchange* x) {
    SseWriter writer(*x, self->settings_.heartbeat);
    CAPROCK_CO_CHECK(co_await writer.start());
    CAPROCK_CO_CHECK(co_await writer.send({.event = "start", .data = "{}"}));
    auto outcome = co_await writer.run(wait_for_stop(self, x));
    if (!outcome) CAPROCK_CO_CHECK(co_await writer.send_error(outcome.error()));
    co_return co_await writer.finish();
  }

  std::vector<Route> routes() {
    const auto route = [](std::string_view method, std::string_view pattern, Handler handler,
                          std::uint64_t limit = 0) {
      return Route{method, pattern, AuthClass::kUser, Dialect::kRest, std::move(handler), limit};
    };
    return {route("GET", "/hello", hello),
            route("POST", "/echo", echo),
            route("POST", "/small", echo, 10),
            route("POST", "/ignore", ignore_body),
            route("GET", "/stream", stream),
            route("GET", "/big/{n}", big),
            route("GET", "/break", break_off),
            route("GET", "/wait", [this](Exchange& x) { return wait_for_stop(this, &x); }),
            route("GET", "/events", [this](Exchange& x) { return wait_in_stream(this, &x); })};
  }
};

}  // namespace caprock::server
