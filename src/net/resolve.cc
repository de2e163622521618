#include "net/resolve.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/this_coro.hpp>
#include <memory>
#include <stop_token>

#include "base/event.h"

namespace caprock::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using base::Error;
using base::ErrorKind;
using base::failure;
using base::Result;

IpAddress address_of(const asio::ip::address& from) {
  IpAddress to;
  to.v4 = from.is_v4();
  if (from.is_v4())
    std::ranges::copy(from.to_v4().to_bytes(), to.bytes.begin());
  else
    std::ranges::copy(from.to_v6().to_bytes(), to.bytes.begin());
  return to;
}

// Shared with the lookup, which getaddrinfo may hold for longer than anybody waits for it.
struct Lookup {
  explicit Lookup(const asio::any_io_executor& executor) : resolver(executor), done(executor) {}
  tcp::resolver resolver;
  base::Event done;
  boost::system::error_code error;
  std::vector<tcp::endpoint> found;
};

std::chrono::nanoseconds time_left(const base::RequestContext& context) {
  constexpr std::chrono::nanoseconds kLongest = std::chrono::hours(1);
  return std::clamp<std::chrono::nanoseconds>(context.deadline.at() == base::MonoTime::max()
                                                  ? kLongest
                                                  : context.deadline.at() - base::system_clock().mono(),
                                              std::chrono::nanoseconds(0), kLongest);
}

base::Awaitable<Result<std::vector<tcp::endpoint>>> look_up(const base::RequestContext& context,
                                                            const Url& url) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const auto lookup = std::make_shared<Lookup>(executor);
  lookup->resolver.async_resolve(
      url.host, fmt::format("{}", url.port), tcp::resolver::numeric_service,
      [lookup](boost::system::error_code error, const tcp::resolver::results_type& results) {
        lookup->error = error;
        for (const auto& entry : results) lookup->found.push_back(entry.endpoint());
        lookup->done.signal();
      });
  const std::stop_callback interrupt(context.cancelled, [lookup] { lookup->done.signal(); });
  const bool woken = co_await lookup->done.wait(time_left(context));
  CAPROCK_CO_CHECK(context.check());
  if (!woken || lookup->error || lookup->found.empty())
    co_return failure(Error(ErrorKind::kUnavailable, fmt::format("the host {} is not known", url.host))
                          .with_detail(lookup->error.message()));
  co_return lookup->found;
}

}  // namespace

base::Awaitable<Result<std::vector<tcp::endpoint>>> resolve(const base::RequestContext& context,
                                                            const Url& url, Trust trust,
                                                            const AddressPolicy& policy) {
  std::vector<tcp::endpoint> found;
  boost::system::error_code not_literal;
  const asio::ip::address literal = asio::ip::make_address(url.host, not_literal);
  if (!not_literal)
    found.emplace_back(literal, url.port);
  else {
    CAPROCK_CO_TRY(found, co_await look_up(context, url));
  }
  std::vector<tcp::endpoint> allowed;
  Result<void> refusal;
  for (const tcp::endpoint& endpoint : found) {
    Result<void> verdict = policy.check(trust, url.host, address_of(endpoint.address()));
    if (verdict)
      allowed.push_back(endpoint);
    else
      refusal = std::move(verdict);
  }
  if (allowed.empty()) co_return failure(std::move(refusal).error());
  co_return allowed;
}

}  // namespace caprock::net
