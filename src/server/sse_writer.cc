#include "server/sse_writer.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <optional>

#include "server/errors.h"

namespace caprock::server {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

void append_line(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  for (const char c : value) out += (c == '\r' || c == '\n' || c == '\0') ? ' ' : c;
  out += '\n';
}

// A line a piece between line breaks of any kind; the reader joins them by \n.
void append_data(std::string& out, std::string_view data) {
  while (true) {
    const auto end = data.find_first_of("\r\n");
    append_line(out, "data", data.substr(0, end));
    if (end == std::string_view::npos) return;
    data.remove_prefix(data.substr(end).starts_with("\r\n") ? end + 2 : end + 1);
  }
}

}  // namespace

std::string frame(const SseEvent& event) {
  std::string out;
  out.reserve(event.data.size() + event.event.size() + event.id.size() + 32);
  if (!event.id.empty()) append_line(out, "id", event.id);
  if (!event.event.empty()) append_line(out, "event", event.event);
  append_data(out, event.data);
  out += '\n';
  return out;
}

// Shared with the heartbeat, which may outlive a writer whose loop is torn down.
struct SseWriter::State {
  Exchange& exchange;
  std::chrono::nanoseconds interval;
  std::string pulse_text;
  std::chrono::steady_clock::time_point last = std::chrono::steady_clock::now();
  bool writing = false;
  bool beating = false;
  bool ended = false;
  std::optional<asio::steady_timer> pulse;   ///< of the heartbeat
  std::optional<asio::steady_timer> change;  ///< cancelled when a write or the heartbeat ends

  base::Awaitable<void> wait_for_change() {
    error_code ignored;
    change->expires_at(std::chrono::steady_clock::time_point::max());
    co_await change->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  base::Awaitable<base::Result<void>> write(std::string bytes) {
    while (writing && change) co_await wait_for_change();
    writing = true;
    auto written = co_await exchange.response.write(std::move(bytes));
    writing = false;
    last = std::chrono::steady_clock::now();
    if (change) change->cancel();
    co_return written;
  }
};

SseWriter::SseWriter(Exchange& exchange, std::chrono::nanoseconds heartbeat, std::string pulse)
    : state_(std::make_shared<State>(
          State{.exchange = exchange, .interval = heartbeat, .pulse_text = std::move(pulse)})) {}
SseWriter::~SseWriter() = default;

base::Awaitable<base::Result<void>> SseWriter::start(Headers headers) {
  headers.set("content-type", "text/event-stream");
  headers.set("cache-control", "no-store");
  headers.set("x-accel-buffering", "no");  // nginx would collect the stream
  return state_->exchange.response.start(200, std::move(headers), std::nullopt);
}

base::Awaitable<base::Result<void>> SseWriter::send(const SseEvent& event) {
  return state_->write(frame(event));
}

base::Awaitable<base::Result<void>> SseWriter::send(const std::vector<SseEvent>& events) {
  std::string bytes;
  for (const SseEvent& event : events) bytes += frame(event);
  return state_->write(std::move(bytes));
}

base::Awaitable<base::Result<void>> SseWriter::send_error(base::Error error) {
  const Exchange& exchange = state_->exchange;
  return send({.event = "error",
               .data = rest_error_json(exchange.explain(std::move(error)), exchange.context.request_id)});
}

base::Awaitable<base::Result<void>> SseWriter::finish() { return state_->exchange.response.finish(); }

base::Awaitable<void> SseWriter::beat(std::shared_ptr<State> state) {
  while (!state->ended) {
    error_code ignored;
    state->pulse->expires_at(state->last +
                             std::chrono::duration_cast<asio::steady_timer::duration>(state->interval));
    co_await state->pulse->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    const bool silent = std::chrono::steady_clock::now() >= state->pulse->expiry();
    if (state->ended || state->writing || !silent) {
      // A write that takes long keeps the stream alive by itself.
      if (state->writing) state->last = std::chrono::steady_clock::now();
      continue;
    }
    if (!co_await state->write(state->pulse_text)) break;
  }
}

base::Awaitable<base::Result<void>> SseWriter::run(base::Awaitable<base::Result<void>> producer) {
  const auto state = state_;
  const auto executor = co_await asio::this_coro::executor;
  state->pulse.emplace(executor);
  state->change.emplace(executor);
  state->ended = false;
  state->beating = true;
  asio::co_spawn(executor, beat(state), [state](const std::exception_ptr&) {
    state->beating = false;
    if (state->change) state->change->cancel();
  });
  std::exception_ptr failed;
  base::Result<void> outcome;
  try {
    outcome = co_await std::move(producer);
  } catch (...) {
    failed = std::current_exception();  // no waiting within a handler of exceptions: it goes on below
  }
  state->ended = true;
  state->pulse->cancel();
  while (state->beating) co_await state->wait_for_change();
  // They refer to the loop, which the writer may outlive.
  state->pulse.reset();
  state->change.reset();
  if (failed) std::rethrow_exception(failed);
  co_return outcome;
}

}  // namespace caprock::server
