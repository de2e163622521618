#include "server/exchange.h"

#include <algorithm>

#include "net/http_text.h"
#include "server/uri.h"

namespace caprock::server {
using net::same_name;

std::string_view Headers::get(std::string_view name) const {
  for (const auto& [key, value] : items_)
    if (same_name(key, name)) return value;
  return {};
}

bool Headers::has(std::string_view name) const {
  return std::ranges::any_of(items_, [&](const Header& item) { return same_name(item.first, name); });
}

void Headers::set(std::string name, std::string value) {
  std::erase_if(items_, [&](const Header& item) { return same_name(item.first, name); });
  add(std::move(name), std::move(value));
}

std::string_view name_of(Protocol protocol) {
  switch (protocol) {
    case Protocol::kLocal:
      return "local";
    case Protocol::kHttp10:
      return "HTTP/1.0";
    case Protocol::kHttp11:
      return "HTTP/1.1";
    case Protocol::kHttp2:
      return "HTTP/2";
  }
  return "local";
}

std::string_view Request::path() const {
  return std::string_view(target).substr(0, std::min(target.find('?'), target.size()));
}

std::string_view Request::query() const {
  const auto mark = target.find('?');
  return mark == std::string::npos ? std::string_view{} : std::string_view(target).substr(mark + 1);
}

std::optional<std::string> Request::query_value(std::string_view name) const {
  std::string_view rest = query();
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    const std::string_view key = pair.substr(0, pair.find('='));
    const std::string_view value = key.size() == pair.size() ? "" : pair.substr(key.size() + 1);
    if (percent_decode(key, true) == name) return percent_decode(value, true).value_or(std::string(value));
  }
  return {};
}

base::Error Exchange::explain(base::Error error) const {
  return stop == nullptr ? error : stop->explain(std::move(error));
}

base::Error RequestStop::explain(base::Error error) const {
  using enum base::ErrorKind;
  if (error.kind != kCancelled) return error;
  if (cause() == StopCause::kDeadline)
    return {kDeadlineExceeded, "the request took longer than the server allows ([server] request_timeout)"};
  if (cause() == StopCause::kShutdown)
    return base::Error(kUnavailable, "the server is shutting down").with_retry_after(std::chrono::seconds(5));
  return error;
}

base::Awaitable<base::Result<std::string>> read_all(BodyReader& body, std::uint64_t limit) {
  std::string all;
  while (true) {
    CAPROCK_CO_TRY(std::optional<std::string> piece, co_await body.read());
    if (!piece) co_return all;
    if (all.size() + piece->size() > limit) co_return base::failure(body_too_large(limit));
    if (all.empty())
      all = std::move(*piece);
    else
      all += *piece;
  }
}

base::Error body_too_large(std::uint64_t limit) {
  return {base::ErrorKind::kPayloadTooLarge,
          "the request body is larger than the " + std::to_string(limit) + " bytes allowed here"};
}

base::Awaitable<base::Result<void>> respond(ResponseSink& sink, int status, Headers headers,
                                            std::string body) {
  CAPROCK_CO_CHECK(co_await sink.start(status, std::move(headers), body.size()));
  if (!body.empty()) {
    CAPROCK_CO_CHECK(co_await sink.write(std::move(body)));
  }
  co_return co_await sink.finish();
}

}  // namespace caprock::server
