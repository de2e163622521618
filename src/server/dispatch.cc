#include "server/dispatch.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "base/log.h"
#include "server/answer_sink.h"
#include "server/dialect.h"
#include "server/errors.h"

namespace caprock::server {
namespace {

using base::ErrorKind;

// A caller's id goes into logs and headers as it is, so only short and plain ones are taken over.
bool is_sane_id(std::string_view id) {
  return !id.empty() && id.size() <= 128 && std::ranges::all_of(id, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.' || c == ':';
  });
}

base::RequestId request_id(const Headers& headers) {
  const std::string_view given = headers.get("x-request-id");
  return base::RequestId(is_sane_id(given) ? std::string(given) : base::new_uuid());
}

base::TraceContext trace(const Headers& headers) {
  auto continued = base::continue_trace(headers.get("traceparent"));
  return continued ? std::move(*continued) : base::new_trace();
}

bool changes_state(std::string_view method) {
  return method != "GET" && method != "HEAD" && method != "OPTIONS";
}

// The reader of a body with the limit of its route.
class LimitedBody final : public BodyReader {
 public:
  LimitedBody(std::unique_ptr<BodyReader> inner, std::uint64_t limit)
      : inner_(std::move(inner)), limit_(limit), left_(limit) {}

  base::Awaitable<base::Result<std::optional<std::string>>> read() override {
    auto piece = co_await inner_->read();
    if (!piece || !*piece) co_return piece;
    if ((*piece)->size() > left_) co_return base::failure(body_too_large(limit_));
    left_ -= (*piece)->size();
    co_return piece;
  }

 private:
  std::unique_ptr<BodyReader> inner_;
  std::uint64_t limit_;
  std::uint64_t left_;
};

}  // namespace

// One request on its way, and what has been found out about it so far.
struct Dispatcher::Flight {
  Flight(Request from, ResponseSink& door) : request(std::move(from)), answer(door) {}
  Request request;
  AnswerSink answer;
  base::RequestContext context;
  RouteMatch match;
  base::MonoTime began = base::system_clock().mono();

  std::string_view pattern() const { return match.route == nullptr ? "none" : match.route->pattern; }
  Dialect dialect() const { return dialect_of(match.route, request); }
};

Dispatcher::Dispatcher(const Router& router, const Auth& auth, const Settings& settings,
                       base::MetricRegistry& metrics)
    : router_(router),
      auth_(auth),
      settings_(settings),
      access_(settings),
      metrics_(router.routes(), metrics) {}

base::Awaitable<void> Dispatcher::handle(Request request, ResponseSink& sink, Arrival arrival) {
  metrics_.begin();
  Flight flight(std::move(request), sink);
  flight.context.request_id = request_id(flight.request.headers);
  flight.context.trace = trace(flight.request.headers);
  flight.context.deadline = arrival.deadline;
  flight.context.cancelled = arrival.stop.token();
  flight.answer.add_header("x-request-id", flight.context.request_id.str());
  flight.answer.add_header("x-content-type-options", "nosniff");

  base::Result<void> outcome = co_await run(flight, arrival);
  if (!outcome) co_await tell(flight, arrival.stop.explain(std::move(outcome).error()));
  record(flight);
}

// The stages, in order. Host comes first: to a rebound name not even the existence of a path is told.
base::Awaitable<base::Result<void>> Dispatcher::run(Flight& flight, Arrival& arrival) const {
  CAPROCK_CO_CHECK(access_.check_host(flight.request));
  allow_origin(flight);
  CAPROCK_CO_CHECK(find_route(flight));
  CAPROCK_CO_CHECK(check_origin(flight));
  if (flight.match.route == nullptr) co_return co_await answer_options(flight);
  // Before the caller is known: whoever checks a signature reads the body.
  CAPROCK_CO_CHECK(limit_body(flight));
  if (arrival.principal) {
    flight.context.principal = std::move(*arrival.principal);
  } else {
    CAPROCK_CO_TRY(flight.context.principal,
                   co_await auth_.authorize(flight.match.route->auth, flight.request));
  }
  co_return co_await call(flight, arrival.stop);
}

// Errors, too, must be readable by an allowed page, so its headers come before anything can fail.
void Dispatcher::allow_origin(Flight& flight) const {
  auto origin = access_.cors_origin(flight.request);
  if (origin.empty()) return;
  flight.answer.add_header("access-control-allow-origin", std::move(origin));
  flight.answer.add_header("access-control-expose-headers", "x-request-id, retry-after");
  flight.answer.add_header("vary", "origin");
}

base::Result<void> Dispatcher::find_route(Flight& flight) const {
  const Request& request = flight.request;
  if (request.method == "OPTIONS" && request.target == "*") return {};
  CAPROCK_TRY(flight.match, router_.match(request.method, request.path()));
  if (flight.match.head) flight.answer.drop_body();
  if (flight.match.route != nullptr) return {};
  if (flight.match.allow.empty()) return base::failure(base::not_found("there is nothing at this path"));
  flight.answer.add_header("allow", flight.match.allow);
  if (request.method == "OPTIONS") return {};
  return base::failure(base::Error(ErrorKind::kMethodNotAllowed,
                                   "this path takes the methods " + flight.match.allow + " only"));
}

base::Result<void> Dispatcher::check_origin(const Flight& flight) const {
  const Route* route = flight.match.route;
  if (route == nullptr) return {};
  if (route->auth == AuthClass::kPublic && !changes_state(flight.request.method)) return {};
  return access_.check_origin(flight.request);
}

base::Awaitable<base::Result<void>> Dispatcher::answer_options(Flight& flight) const {
  Headers headers;
  if (!access_.cors_origin(flight.request).empty()) {
    headers.add("access-control-allow-methods", flight.match.allow);
    headers.add("access-control-allow-headers",
                std::string(flight.request.headers.get("access-control-request-headers")));
    headers.add("access-control-max-age", "600");
  }
  return respond(flight.answer, 204, std::move(headers), "");
}

base::Result<void> Dispatcher::limit_body(Flight& flight) const {
  const std::uint64_t own = flight.match.route->body_limit;
  const std::uint64_t limit = own == 0 ? settings_.max_body.count : own;
  const std::string_view announced = flight.request.headers.get("content-length");
  std::uint64_t length = 0;
  std::from_chars(announced.data(), announced.data() + announced.size(), length);
  if (length > limit) return base::failure(body_too_large(limit));
  flight.request.body = std::make_unique<LimitedBody>(std::move(flight.request.body), limit);
  return {};
}

base::Awaitable<base::Result<void>> Dispatcher::call(Flight& flight, const RequestStop& stop) const {
  Exchange exchange{.context = flight.context,
                    .request = std::move(flight.request),
                    .params = std::move(flight.match.params),
                    .response = flight.answer,
                    .stop = &stop};
  base::Result<void> outcome;
  try {
    outcome = co_await flight.match.route->handler(exchange);
  } catch (const std::exception& e) {
    outcome = base::failure(base::internal_error(std::string("exception in a handler: ") + e.what()));
  }
  flight.request = std::move(exchange.request);
  if (outcome && !flight.answer.started())
    outcome = base::failure(base::internal_error("the handler returned without an answer"));
  if (outcome && !flight.answer.finished()) outcome = co_await flight.answer.finish();
  co_return outcome;
}

base::Awaitable<void> Dispatcher::tell(Flight& flight, const base::Error& error) const {
  base::log_error(flight.context, "request failed", error);
  if (flight.answer.started() || error.kind == ErrorKind::kCancelled) co_return;
  RenderedError told = render_error(flight.dialect(), error, flight.context.request_id);
  // That it cannot be delivered is the door's to notice.
  std::ignore = co_await respond(flight.answer, told.status, std::move(told.headers), std::move(told.body));
}

void Dispatcher::record(const Flight& flight) {
  const auto took = base::system_clock().mono() - flight.began;
  const int status =
      flight.answer.started() ? flight.answer.status() : base::traits(ErrorKind::kCancelled).http_status;
  const std::size_t route = flight.match.route == nullptr ? router_.routes().size() : flight.match.index;
  metrics_.end(route, status, flight.request.protocol, took);
  if (!settings_.access_log) return;
  base::log(flight.context, base::LogLevel::kInfo, "request",
            {{"method", flight.request.method},
             {"protocol", name_of(flight.request.protocol)},
             {"route", flight.pattern()},
             {"status", status},
             {"bytes", flight.answer.bytes()},
             {"ms", std::chrono::duration<double, std::milli>(took).count()},
             {"peer", flight.request.peer}});
}

base::Awaitable<void> Dispatcher::refuse(base::Error error, Protocol protocol, std::string peer,
                                         ResponseSink& sink) {
  metrics_.begin();
  Request nothing;
  nothing.protocol = protocol;
  nothing.peer = std::move(peer);
  Flight flight(std::move(nothing), sink);
  flight.context.request_id = base::RequestId(base::new_uuid());
  flight.context.trace = base::new_trace();
  flight.answer.add_header("x-request-id", flight.context.request_id.str());
  co_await tell(flight, error);
  record(flight);
}

}  // namespace caprock::server
