#pragma once

#include <optional>
#include <string>

#include "base/context.h"
#include "base/metrics.h"
#include "server/access.h"
#include "server/auth.h"
#include "server/exchange.h"
#include "server/http_metrics.h"
#include "server/router.h"
#include "server/settings.h"

namespace caprock::server {

/// What a door knows about a request besides the request.
struct Arrival {
  const RequestStop& stop;
  base::Deadline deadline = base::Deadline::never();
  std::optional<base::Principal> principal;  ///< known already: the door of the command line
};

/// The way of a request through the server, the same for every door: request id and trace, host, route,
/// origin, body limit, caller, handler, error, log and metrics. Immutable, any thread; no lock on the way.
class Dispatcher {
 public:
  /// Keeps references to all of them.
  Dispatcher(const Router& router, const Auth& auth, const Settings& settings, base::MetricRegistry& metrics);

  /// Answers through `sink`, errors included. When it returns without `finish` having been called on the
  /// sink, the answer broke off and the door must not let it look complete.
  base::Awaitable<void> handle(Request request, ResponseSink& sink, Arrival arrival);

  /// The answer to what never became a request (malformed or slow headers): logged and counted here.
  base::Awaitable<void> refuse(base::Error error, Protocol protocol, std::string peer, ResponseSink& sink);

 private:
  struct Flight;
  void allow_origin(Flight& flight) const;
  base::Result<void> find_route(Flight& flight) const;
  base::Result<void> check_origin(const Flight& flight) const;
  base::Result<void> limit_body(Flight& flight) const;
  base::Awaitable<base::Result<void>> run(Flight& flight, Arrival& arrival) const;
  base::Awaitable<base::Result<void>> call(Flight& flight, const RequestStop& stop) const;
  base::Awaitable<base::Result<void>> answer_options(Flight& flight) const;
  base::Awaitable<void> tell(Flight& flight, const base::Error& error) const;
  void record(const Flight& flight);

  const Router& router_;
  const Auth& auth_;
  const Settings& settings_;
  AccessRules access_;
  HttpMetrics metrics_;
};

}  // namespace caprock::server
