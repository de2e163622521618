#include "server/surfaces/bedrock/native_pass.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "server/surfaces/bedrock/event_writer.h"

namespace caprock::server::bedrock {
namespace {

using base::Result;
using Done = base::Awaitable<Result<void>>;

// Replies up to this are answered in one piece, once they are there.
constexpr std::size_t kGather = 64U << 10;

bool starts_with(std::string_view name, std::string_view prefix) {
  return name.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), name.begin(),
                    [](char a, unsigned char b) { return a == std::tolower(b); });
}
bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
  return std::ranges::any_of(
      names, [&](std::string_view one) { return one.size() == name.size() && starts_with(name, one); });
}

// Nothing else goes on: credentials and the framing of a connection are its own, and what a client tells its
// own proxies is nobody else's.
bool goes_up(std::string_view name) {
  constexpr auto kNames = std::to_array<std::string_view>({"content-type", "accept"});
  return is_one_of(name, kNames) || starts_with(name, "x-amzn-bedrock-");
}
bool comes_down(std::string_view name) {
  constexpr auto kNames = std::to_array<std::string_view>(
      {"content-type", "content-encoding", "retry-after", "x-amz-retry-after"});
  return is_one_of(name, kNames) || starts_with(name, "x-amzn-") || starts_with(name, "x-caprock-");
}

Headers answer_headers(const Exchange& x, const llm::NativeHeaders& theirs) {
  Headers ours;
  bool named = false;
  for (const auto& [name, value] : theirs) {
    if (!comes_down(name)) continue;
    named = named || is_one_of(name, std::array<std::string_view, 1>{"x-amzn-requestid"});
    ours.add(name, value);
  }
  if (!named) ours.add("x-amzn-requestid", x.context.request_id.str());
  return ours;
}

std::optional<std::uint64_t> announced(const llm::NativeHeaders& headers) {
  for (const auto& [name, value] : headers) {
    if (!is_one_of(name, std::array<std::string_view, 1>{"content-length"})) continue;
    std::uint64_t length = 0;
    const auto read = std::from_chars(value.data(), value.data() + value.size(), length);
    if (read.ec == std::errc() && read.ptr == value.data() + value.size()) return length;
  }
  return std::nullopt;
}

/// An answer on its way from the provider to our client.
class Passing {
 public:
  Passing(Exchange& x, llm::NativeReply& reply) : x_(x), reply_(reply) {}

  Done body() {
    std::string gathered;
    while (gathered.size() < kGather) {
      CAPROCK_CO_TRY(auto piece, co_await reply_.read(x_.context));
      if (!piece)
        co_return co_await respond(x_.response, reply_.status(), answer_headers(x_, reply_.headers()),
                                   std::move(gathered));
      if (gathered.empty())
        gathered = std::move(*piece);
      else
        gathered += *piece;
    }
    CAPROCK_CO_CHECK(co_await x_.response.start(reply_.status(), answer_headers(x_, reply_.headers()),
                                                announced(reply_.headers())));
    CAPROCK_CO_CHECK(co_await x_.response.write(std::move(gathered)));
    co_return co_await rest();
  }

  Done stream() {
    // Until something has come there is a status to tell an error by, which SDKs retry.
    CAPROCK_CO_TRY(auto first, co_await reply_.read(x_.context));
    CAPROCK_CO_CHECK(co_await x_.response.start(reply_.status(), answer_headers(x_, reply_.headers()), {}));
    if (first) CAPROCK_CO_CHECK(co_await x_.response.write(std::move(*first)));
    Result<void> done = co_await rest();
    // In the middle of an event nothing more can be said: the door breaks off what was not finished.
    if (!done && reply_.between_events()) co_await end_broken_stream(x_, done.error());
    co_return done;
  }

 private:
  Done rest() {
    while (true) {
      CAPROCK_CO_TRY(auto piece, co_await reply_.read(x_.context));
      if (!piece) co_return co_await x_.response.finish();
      CAPROCK_CO_CHECK(co_await x_.response.write(std::move(*piece)));
    }
  }

  Exchange& x_;
  llm::NativeReply& reply_;
};

}  // namespace

base::Awaitable<void> end_broken_stream(Exchange& x, base::Error error) {
  std::string frame;
  append_stream_error(frame, x.explain(std::move(error)));
  // That it cannot be delivered is the door's to notice.
  std::ignore = co_await x.response.write(std::move(frame));
  std::ignore = co_await x.response.finish();
}

Done end_stream(Exchange& x, Result<void> done) {
  if (done) co_return co_await x.response.finish();
  co_await end_broken_stream(x, done.error());
  co_return done;
}

base::Awaitable<Result<llm::NativeCall>> read_call(Exchange& x, llm::NativeOperation operation,
                                                   std::string model) {
  llm::NativeCall call{.operation = operation, .model = std::move(model)};
  for (const Header& header : x.request.headers.items())
    if (goes_up(header.first)) call.headers.push_back(header);
  call.query = x.request.query();
  call.body_digest = x.request.body_digest;
  // Its route's limit has been put around the body.
  CAPROCK_CO_TRY(call.body, co_await read_all(*x.request.body, UINT64_MAX));
  co_return call;
}

Done pass_through(llm::NativeModel& native, Exchange& x, llm::NativeCall call) {
  CAPROCK_CO_TRY(const auto reply, co_await native.call(x.context, call));
  call.body = {};  // a long stream need not hold it
  Passing passing(x, *reply);
  if (reply->is_stream()) co_return co_await passing.stream();
  co_return co_await passing.body();
}

}  // namespace caprock::server::bedrock
