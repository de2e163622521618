#pragma once

#include "base/awaitable.h"
#include "base/json/fields.h"
#include "server/exchange.h"
#include "server/surfaces/rest/rest_parts.h"

namespace caprock::server::rest {

struct WaitQuery {
  bool wait = false;
};
const base::Fields<WaitQuery>& wait_fields();
base::Result<bool> read_wait(const Request& request);

/// A document after its submission; `settled` when no ingest of it is under way.
struct Settled {
  stores::Document document;
  bool settled = false;
};
/// With `wait`, when the ingest has ended or the request's deadline has passed; else at once.
base::Awaitable<base::Result<Settled>> settle(const RestParts& parts, const base::RequestContext& context,
                                              stores::Accepted accepted, bool wait);

}  // namespace caprock::server::rest
