#include "base/context.h"

namespace caprock::base {

Result<void> RequestContext::check() const {
  if (cancelled.stop_requested()) return failure(Error(ErrorKind::kCancelled, "the request was cancelled"));
  if (deadline.passed())
    return failure(Error(ErrorKind::kDeadlineExceeded, "the deadline of the request has passed"));
  return {};
}

RequestContext background_context(TenantId tenant, std::stop_token stop) {
  RequestContext context;
  context.request_id = RequestId(new_uuid());
  context.trace = new_trace();
  context.principal.tenant = std::move(tenant);
  context.cancelled = std::move(stop);
  return context;
}

}  // namespace caprock::base
