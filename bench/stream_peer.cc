// stream_peer: both ends of a model's stream, to measure what stands between them.
//
//   stream_peer upstream PORT EVENTS GAP_MS [PER_WRITE]
//     answers every request with an event stream of Bedrock's ConverseStream: EVENTS deltas, GAP_MS apart
//     (0: PER_WRITE of them in one write). Each says in its text when it was written.
//   stream_peer client HOST PORT PATH BODY_FILE STREAMS TIMES [HEADER: VALUE …]
//     asks on STREAMS connections at once, TIMES after each other; prints as JSON how many such texts came
//     and how long they were on their way, the first of a stream and the others.
//   stream_peer hold HOST PORT PATH BODY_FILE STREAMS
//     the same once; prints "open" when every stream has its first text, and ends with its standard input.
#include <poll.h>
#include <sys/resource.h>

#include <algorithm>
#include <boost/asio.hpp>
#include <charconv>
#include <chrono>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "aws/eventstream.h"

namespace {

namespace asio = boost::asio;
namespace aws = caprock::aws;
using asio::use_awaitable;
using asio::ip::tcp;

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// "T=" and 19 digits: of one length, so that every event has the same size.
constexpr std::size_t kStampDigits = 19;

std::string event(std::string_view type, std::string_view payload) {
  std::string out;
  if (!aws::append_event(out, type, payload)) std::abort();
  return out;
}

std::string delta() {
  std::string stamp = std::to_string(now_ns());
  stamp.insert(0, kStampDigits - std::min(kStampDigits, stamp.size()), '0');
  return event("contentBlockDelta",
               R"({"contentBlockIndex":0,"delta":{"text":"T=)" + stamp + R"( "},"p":"abcdefghij"})");
}

std::string chunk(std::string_view bytes) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), bytes.size(), 16).ptr;
  return std::string(digits.data(), end) + "\r\n" + std::string(bytes) + "\r\n";
}

struct Plan {
  int events;
  std::chrono::milliseconds gap;
  int per_write;
};

asio::awaitable<void> answer(tcp::socket& socket, const Plan& plan) {
  std::string head =
      "HTTP/1.1 200 OK\r\ncontent-type: application/vnd.amazon.eventstream\r\ntransfer-encoding: "
      "chunked\r\n\r\n";
  head += chunk(event("messageStart", R"({"role":"assistant"})"));
  co_await asio::async_write(socket, asio::buffer(head), use_awaitable);
  asio::steady_timer timer(socket.get_executor(), std::chrono::steady_clock::now());
  for (int sent = 0; sent < plan.events;) {
    std::string piece;
    const int end = plan.gap.count() > 0 ? sent + 1 : std::min(plan.events, sent + plan.per_write);
    for (; sent < end; ++sent) piece += delta();
    co_await asio::async_write(socket, asio::buffer(chunk(piece)), use_awaitable);
    if (plan.gap.count() == 0) continue;
    timer.expires_at(timer.expiry() + plan.gap);
    co_await timer.async_wait(use_awaitable);
  }
  std::string tail =
      event("contentBlockStop", R"({"contentBlockIndex":0})") +
      event("messageStop", R"({"stopReason":"end_turn"})") +
      event("metadata",
            R"({"usage":{"inputTokens":12,"outputTokens":34,"totalTokens":46},"metrics":{"latencyMs":20}})");
  co_await asio::async_write(socket, asio::buffer(chunk(tail) + "0\r\n\r\n"), use_awaitable);
}

asio::awaitable<void> serve(tcp::socket socket, Plan plan) {
  socket.set_option(tcp::no_delay(true));
  std::string in;
  try {
    while (true) {
      const std::size_t head =
          co_await asio::async_read_until(socket, asio::dynamic_buffer(in), "\r\n\r\n", use_awaitable);
      std::string lower = in.substr(0, head);
      std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
      const auto at = lower.find("content-length:");
      const std::size_t length = at == std::string::npos ? 0 : std::stoul(lower.substr(at + 15));
      if (in.size() < head + length)
        co_await asio::async_read(socket, asio::dynamic_buffer(in),
                                  asio::transfer_exactly(head + length - in.size()), use_awaitable);
      in.erase(0, head + length);
      co_await answer(socket, plan);
    }
  } catch (const boost::system::system_error&) {  // the other side has gone
  }
}

asio::awaitable<void> accept_all(tcp::acceptor& acceptor, Plan plan) {
  while (true) {
    tcp::socket socket = co_await acceptor.async_accept(use_awaitable);
    asio::co_spawn(acceptor.get_executor(), serve(std::move(socket), plan), asio::detached);
  }
}

struct Times {
  std::vector<double> first, later;  ///< µs
  std::size_t streams = 0;
  std::size_t open = 0;  ///< that have had their first text
  bool hold = false;
};

/// Finds the stamps in what comes, whatever stands around them.
class StampReader {
 public:
  void put(std::string_view bytes, Times& times) {
    const std::int64_t now = now_ns();
    rest_ += bytes;
    std::size_t at = 0;
    for (auto found = rest_.find("T="); found != std::string::npos; found = rest_.find("T=", at)) {
      if (rest_.size() < found + 2 + kStampDigits) break;
      std::int64_t stamp = 0;
      std::from_chars(rest_.data() + found + 2, rest_.data() + found + 2 + kStampDigits, stamp);
      at = found + 2 + kStampDigits;
      if (stamp == 0) continue;
      (first_ ? times.first : times.later).push_back(static_cast<double>(now - stamp) / 1e3);
      if (first_) ++times.open;
      first_ = false;
    }
    const std::size_t keep = std::min<std::size_t>(rest_.size() - at, 2 + kStampDigits);
    ended_ = rest_.ends_with("0\r\n\r\n");
    rest_.erase(0, rest_.size() - keep);
  }
  bool ended() const { return ended_; }

 private:
  std::string rest_;
  bool first_ = true;
  bool ended_ = false;
};

asio::awaitable<void> ask(tcp::endpoint where, const std::string& request, int times_each, Times& times) {
  tcp::socket socket(co_await asio::this_coro::executor);
  co_await socket.async_connect(where, use_awaitable);
  socket.set_option(tcp::no_delay(true));
  std::vector<char> buffer(64 * 1024);
  for (int i = 0; i < times_each; ++i) {
    co_await asio::async_write(socket, asio::buffer(request), use_awaitable);
    StampReader reader;
    while (!reader.ended()) {
      const std::size_t got = co_await socket.async_read_some(asio::buffer(buffer), use_awaitable);
      reader.put({buffer.data(), got}, times);
    }
    ++times.streams;
  }
}

double quantile(std::vector<double>& values, double q) {
  if (values.empty()) return -1;
  std::ranges::sort(values);
  return values[std::min(values.size() - 1,
                         static_cast<std::size_t>(q * static_cast<double>(values.size())))];
}

std::string request_of(char** argv, int argc, int headers_from) {
  std::ostringstream body;
  body << std::ifstream(argv[5]).rdbuf();
  std::string out = std::string("POST ") + argv[4] + " HTTP/1.1\r\nhost: " + argv[2] + ":" + argv[3] +
                    "\r\ncontent-type: application/json\r\n";
  for (int i = headers_from; i < argc; ++i) out += std::string(argv[i]) + "\r\n";
  return out + "content-length: " + std::to_string(body.str().size()) + "\r\n\r\n" + body.str();
}

int run_client(int argc, char** argv) {
  const bool hold = std::string_view(argv[1]) == "hold";
  const int streams = std::stoi(argv[6]);
  const std::string request = request_of(argv, argc, hold ? 7 : 8);
  asio::io_context loop(1);
  const tcp::endpoint where(asio::ip::make_address(argv[2]), static_cast<std::uint16_t>(std::stoi(argv[3])));
  Times times;
  int failed = 0;
  for (int i = 0; i < streams; ++i)
    asio::co_spawn(loop, ask(where, request, hold ? 1 : std::stoi(argv[7]), times),
                   [&](const std::exception_ptr& e) {
                     if (e) ++failed;
                   });
  if (!hold) {
    loop.run();
  } else {
    while (times.open + static_cast<std::size_t>(failed) < static_cast<std::size_t>(streams)) loop.run_one();
    std::cout << "open " << times.open << '\n' << std::flush;
    pollfd in{.fd = 0, .events = POLLIN, .revents = 0};
    while (::poll(&in, 1, 0) == 0) loop.run_for(std::chrono::milliseconds(50));
    return 0;
  }
  const std::size_t events = times.first.size() + times.later.size();
  std::cout << R"({"streams":)" << times.streams << R"(,"failed":)" << failed << R"(,"events":)" << events
            << R"(,"first_p50_us":)" << quantile(times.first, 0.5) << R"(,"first_p99_us":)"
            << quantile(times.first, 0.99) << R"(,"later_p50_us":)" << quantile(times.later, 0.5)
            << R"(,"later_p99_us":)" << quantile(times.later, 0.99) << "}\n";
  return failed == 0 ? 0 : 1;
}

int run_upstream(int argc, char** argv) {
  const Plan plan{.events = std::stoi(argv[3]),
                  .gap = std::chrono::milliseconds(std::stoi(argv[4])),
                  .per_write = argc > 5 ? std::stoi(argv[5]) : 64};
  asio::io_context loop(1);
  tcp::acceptor acceptor(
      loop, {asio::ip::make_address("127.0.0.1"), static_cast<std::uint16_t>(std::stoi(argv[2]))});
  acceptor.listen(4096);
  asio::co_spawn(loop, accept_all(acceptor, plan), asio::detached);
  loop.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  const std::string_view mode = argc > 1 ? argv[1] : "";
  if (mode == "upstream" && argc >= 5) return run_upstream(argc, argv);
  if (mode == "client" && argc >= 8) return run_client(argc, argv);
  if (mode == "hold" && argc >= 7) return run_client(argc, argv);
  std::cerr << "stream_peer upstream PORT EVENTS GAP_MS [PER_WRITE]\n"
               "stream_peer client HOST PORT PATH BODY_FILE STREAMS TIMES [HEADER…]\n"
               "stream_peer hold HOST PORT PATH BODY_FILE STREAMS\n";
  return 2;
}
