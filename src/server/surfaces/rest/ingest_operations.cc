#include <boost/json.hpp>

#include "base/json/json_text.h"
#include "rag/wire/render.h"
#include "server/json_body.h"
#include "server/surfaces/rest/ingest_wait.h"
#include "server/surfaces/rest/messages.h"
#include "server/surfaces/rest/operation.h"
#include "server/surfaces/rest/request_bodies.h"

namespace caprock::server::rest {

using base::Error;
using base::ErrorKind;
using base::failure;
using base::invalid_argument;
using base::Result;

namespace {

Error about_url(Error error) {
  // A foreign address is the caller's mistake, not a matter of permission of the caller.
  if (error.kind == ErrorKind::kPermissionDenied) error.kind = ErrorKind::kInvalidArgument;
  if (error.field.empty()) error.field = "url";
  return error;
}

base::Awaitable<Result<rag::Submission>> submission_of(const RestParts& parts, const Exchange& x,
                                                       IngestBody body) {
  if (body.content.has_value() == body.url.has_value()) {
    co_return failure(invalid_argument(body.url ? "url" : "content", "Give exactly one of content and url."));
  }
  rag::Submission out{.bytes = {},
                      .collection = std::move(body.collection),
                      .source = std::move(body.source),
                      .title = std::move(body.title),
                      .content_type = std::move(body.content_type),
                      .file_name = {},
                      .metadata = std::move(body.metadata),
                      .once = {}};
  if (body.content) {
    out.bytes = std::move(*body.content);
    co_return out;
  }
  if (!parts.fetch) {
    co_return failure(
        Error(ErrorKind::kNotImplemented, "Documents by URL are not offered here.").with_field("url"));
  }
  auto fetched = co_await parts.fetch(x.context, *body.url);
  if (!fetched) co_return failure(about_url(std::move(fetched).error()));
  out.bytes = std::move(fetched->bytes);
  out.file_name = std::move(fetched->file_name);
  if (out.content_type.empty()) out.content_type = std::move(fetched->content_type);
  if (out.source.empty()) out.source = *body.url;
  co_return out;
}

Done ingest(const RestParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(const auto wait, read_wait(x.request));
  CAPROCK_CO_TRY(const auto value, co_await read_json(x.request, {.depth = parts.settings.json_depth}));
  CAPROCK_CO_TRY(auto once, idempotency(x.request, "POST /documents/ingest", base::json_text(value)));
  CAPROCK_CO_TRY(auto body, ingest_fields().parse(value));
  CAPROCK_CO_TRY(auto submission, co_await submission_of(parts, x, std::move(body)));
  submission.once = std::move(once);
  CAPROCK_CO_TRY(auto accepted, co_await parts.intake.submit(x.context, std::move(submission)));
  CAPROCK_CO_TRY(const auto outcome, co_await settle(parts, x.context, std::move(accepted), wait));
  co_return co_await answer_json(x, outcome.settled ? 200 : 202, rag::document_json(outcome.document));
}

}  // namespace

std::vector<Operation> ingest_operations(const Parts& parts) {
  return {{.method = "POST",
           .pattern = "/documents/ingest",
           .auth = AuthClass::kUser,
           .id = "ingestDocument",
           .tag = "documents",
           .summary = "Takes in a document by its text or by its URL. The same source again replaces it.",
           .handler = bound(parts, ingest),
           .replies = {{.help = "Indexed, failed, or already there unchanged.", .schema = "Document"},
                       {.status = 202, .help = "Kept durably; the ingest goes on.", .schema = "Document"}},
           .errors = {409, 501, 502},
           .query = wait_fields(),
           .request = "IngestRequest",
           .idempotency_key = true}};
}

}  // namespace caprock::server::rest
