#include "server/surfaces/rest/ingest_wait.h"

#include "server/surfaces/rest/messages.h"

namespace caprock::server::rest {

namespace {

bool is_settled(const stores::Document& document) {
  return document.pending_version == 0 && (document.status == stores::DocumentStatus::kIndexed ||
                                           document.status == stores::DocumentStatus::kFailed);
}

}  // namespace

const base::Fields<WaitQuery>& wait_fields() {
  static const auto kFields = base::Fields<WaitQuery>().flag(
      "wait", &WaitQuery::wait, "Answer when the document is indexed or has failed.");
  return kFields;
}

base::Result<bool> read_wait(const Request& request) {
  CAPROCK_TRY(const auto pairs, query_pairs(request));
  CAPROCK_TRY(const auto query, wait_fields().parse_query(pairs));
  return query.wait;
}

base::Awaitable<base::Result<Settled>> settle(const RestParts& parts, const base::RequestContext& context,
                                              stores::Accepted accepted, bool wait) {
  if (accepted.unchanged || is_settled(accepted.document) || !wait) {
    const bool settled = accepted.unchanged || is_settled(accepted.document);
    co_return Settled{.document = std::move(accepted.document), .settled = settled};
  }
  auto waited = co_await parts.intake.wait(context, accepted.document.id);
  if (waited) {
    const bool settled = is_settled(*waited);
    co_return Settled{.document = std::move(*waited), .settled = settled};
  }
  // It is kept all the same: the caller reads its status later.
  if (waited.error().kind != base::ErrorKind::kDeadlineExceeded)
    co_return base::failure(std::move(waited).error());
  co_return Settled{.document = std::move(accepted.document), .settled = false};
}

}  // namespace caprock::server::rest
