#include "server/wire.h"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>

namespace caprock::server {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::seconds;

constexpr std::size_t kFirstBuffer = 8 * 1024UL;
constexpr std::size_t kReadAhead = 16 * 1024UL;
constexpr std::size_t kWatchRoom = 1024;
constexpr auto kLinger = seconds(5);
constexpr std::uint64_t kLingerBytes = 64 * 1024UL * 1024;

base::MonoTime in(std::chrono::nanoseconds span) {
  return std::chrono::steady_clock::now() + std::chrono::duration_cast<base::MonoTime::duration>(span);
}

}  // namespace

Wire::Wire(std::unique_ptr<Transport> transport, Limits limits, const asio::any_io_executor& executor)
    : transport_(std::move(transport)), limits_(limits), wake_(executor) {}

base::Awaitable<bool> Wire::handshake(std::chrono::nanoseconds timeout) {
  read_deadline_ = in(timeout);
  const bool done = co_await transport_->handshake();
  read_deadline_ = base::MonoTime::max();
  co_return done;
}

std::span<char> Wire::room(std::size_t want) {
  // Only here, where no read is pending, may bytes move.
  if (begin_ == end_) begin_ = end_ = 0;
  if (begin_ > 0 && buffer_.size() - end_ < want) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() - end_ < want)
    buffer_.resize(std::min(std::max(end_ + want, kFirstBuffer), limits_.input));
  return {buffer_.data() + end_, buffer_.size() - end_};
}

void Wire::read_ahead() {
  reading_ = true;
  transport_->read_some(room(kWatchRoom), [this](error_code ec, std::size_t bytes) {
    took(ec, bytes);
    wake_.cancel();
    if (!ec && watching_) watch();
  });
}

void Wire::took(error_code ec, std::size_t bytes) {
  reading_ = false;
  end_ += bytes;
  if (ec && !(ec == asio::error::operation_aborted && expired_)) ended_ = true;
  if (ended_ && on_gone_) on_gone_();
}

base::Awaitable<void> Wire::read_done() {
  error_code ignored;
  while (reading_) {
    wake_.expires_at(base::MonoTime::max());
    co_await wake_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

base::Awaitable<Wire::Fill> Wire::fill(std::chrono::nanoseconds timeout, std::size_t want) {
  watching_ = false;
  expired_ = false;
  const std::size_t before = end_ - begin_;
  read_deadline_ = in(timeout);
  if (!reading_ && !ended_) {
    reading_ = true;
    error_code ec;
    const std::size_t bytes = co_await transport_->read_some(room(std::max(want, before)), ec);
    took(ec, bytes);
  } else {
    co_await read_done();
  }
  read_deadline_ = base::MonoTime::max();
  if (end_ - begin_ > before) co_return Fill::kData;
  co_return expired_ ? Fill::kTimeout : Fill::kEnd;
}

void Wire::watch() {
  watching_ = !ended_ && end_ - begin_ < kReadAhead;
  if (!watching_ || reading_) return;
  // What a large body has grown is given back.
  if (begin_ == end_ && buffer_.size() > kReadAhead) buffer_ = std::vector<char>(kFirstBuffer);
}

void Wire::interrupt() {
  expired_ = true;
  transport_->cancel();
}

void Wire::break_off() {
  broken_ = true;
  ended_ = true;
  if (on_gone_) on_gone_();
}

base::Awaitable<bool> Wire::send(std::string_view first, std::string_view second) {
  while (!broken_ && first.size() + second.size() > 0) {
    error_code ec;
    write_deadline_ = in(limits_.write_timeout);
    const std::size_t written = co_await transport_->write_some(first, second, ec);
    write_deadline_ = base::MonoTime::max();
    if (ec) break_off();
    second.remove_prefix(written > first.size() ? written - first.size() : 0);
    first.remove_prefix(std::min(written, first.size()));
  }
  co_return !broken_;
}

base::Awaitable<void> Wire::discard_input() {
  std::uint64_t dropped = 0;
  const auto until = in(kLinger);
  while (!ended_ && dropped < kLingerBytes) {
    const auto left = until - std::chrono::steady_clock::now();
    if (left <= left.zero() || co_await fill(left) != Fill::kData) co_return;
    dropped += input().size();
    consume(input().size());
  }
}

base::Awaitable<void> Wire::close(bool linger) {
  on_gone_ = nullptr;
  watching_ = false;
  if (reading_) {
    interrupt();  // TLS's goodbye reads too, and is not woken by the end of a read that began before it
    co_await read_done();
  }
  if (!broken_) {
    write_deadline_ = in(seconds(1));
    co_await transport_->finish_sending();
    write_deadline_ = base::MonoTime::max();
  }
  consume(input().size());
  if (linger && !broken_) co_await discard_input();
  transport_->close();
  co_await read_done();
}

void Wire::tick(base::MonoTime now) {
  // Most answers are there before the first tick: reading for a client's goodbye would be in vain.
  if (watching_ && !reading_) read_ahead();
  if (now < read_deadline_ && now < write_deadline_) return;
  expired_ = true;
  transport_->cancel();
}

}  // namespace caprock::server
