#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "rag/wire/render.h"
#include "server/surfaces/rest/attachment.h"
#include "server/surfaces/rest/messages.h"
#include "server/surfaces/rest/operation.h"

namespace caprock::server::rest {

namespace json = boost::json;
using base::Error;
using base::ErrorKind;
using base::failure;
using base::Result;
using stores::Document;
using stores::DocumentId;

namespace {

struct ListQuery {
  std::string status;
  std::optional<std::string> collection;
  std::uint32_t limit = 50;
  std::string cursor;
};

base::Fields<ListQuery> list_fields() {
  base::Fields<ListQuery> fields;
  fields
      .text("status", &ListQuery::status,
            {.help = "Only documents of this status.",
             .choices = {"PENDING", "PROCESSING", "INDEXED", "FAILED"}})
      .custom("collection", &ListQuery::collection,
              {{"type", "string"},
               {"minLength", 1},
               {"maxLength", 64},
               {"pattern", "^[A-Za-z0-9][A-Za-z0-9._-]*$"}},
              read_collection)
      .integer("limit", &ListQuery::limit, {.help = "Most items in the page.", .min = 1, .max = 1000})
      .text("cursor", &ListQuery::cursor, {.help = "next_cursor of the page before.", .max = 1000});
  return fields;
}

struct ChunkQuery {
  std::uint32_t limit = 50;
  std::string cursor;
};

base::Fields<ChunkQuery> chunk_fields() {
  base::Fields<ChunkQuery> fields;
  fields.integer("limit", &ChunkQuery::limit, {.help = "Most items in the page.", .min = 1, .max = 1000})
      .text("cursor", &ChunkQuery::cursor, {.help = "next_cursor of the page before.", .max = 1000});
  return fields;
}

std::optional<stores::DocumentStatus> status_of(const std::string& name) {
  using enum stores::DocumentStatus;
  for (const auto status : {kPending, kProcessing, kIndexed, kFailed}) {
    if (rag::status_name(status) == name) return status;
  }
  return {};
}

base::Awaitable<Result<Document>> find(const RestParts& parts, const Exchange& x) {
  CAPROCK_CO_TRY(auto id, uuid_param(x, "document"));
  co_return co_await parts.documents.get(x.context, DocumentId(std::move(id)));
}

// A document whose text searches see; kConflict says why there is none.
base::Awaitable<Result<Document>> find_visible(const RestParts& parts, const Exchange& x) {
  CAPROCK_CO_TRY(auto document, co_await find(parts, x));
  if (document.version != 0) co_return document;
  co_return failure(
      Error(ErrorKind::kConflict,
            fmt::format("The document has no text: its status is {}{}{}.", rag::status_name(document.status),
                        document.error.empty() ? "" : ", ", document.error)));
}

Done list(const RestParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(const auto pairs, query_pairs(x.request));
  CAPROCK_CO_TRY(auto query, list_fields().parse_query(pairs));
  stores::DocumentQuery which{.status = status_of(query.status), .collection = std::move(query.collection)};
  CAPROCK_CO_TRY(const auto page, co_await parts.documents.list(x.context, std::move(which),
                                                                {query.limit, std::move(query.cursor)}));
  json::array items;
  for (const auto& document : page.items) items.push_back(rag::document_json(document));
  co_return co_await answer_json(
      x, 200, {{"documents", std::move(items)}, {"next_cursor", cursor_json(page.next_cursor)}});
}

Done get(const RestParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(const auto document, co_await find(parts, x));
  co_return co_await answer_json(x, 200, rag::document_json(document));
}

Done remove(const RestParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(auto id, uuid_param(x, "document"));
  CAPROCK_CO_CHECK(co_await parts.documents.remove(x.context, DocumentId(std::move(id))));
  co_return co_await answer_nothing(x);
}

Done text(const RestParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(const auto document, co_await find_visible(parts, x));
  CAPROCK_CO_TRY(auto bytes, co_await parts.intake.text(x.context, document));
  co_return co_await answer_text(x, "text/plain; charset=utf-8", std::move(bytes));
}

Done chunks(const RestParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(const auto pairs, query_pairs(x.request));
  CAPROCK_CO_TRY(auto query, chunk_fields().parse_query(pairs));
  CAPROCK_CO_TRY(const auto document, co_await find_visible(parts, x));
  CAPROCK_CO_TRY(const auto page,
                 co_await parts.chunks.list(x.context, document.collection, document.id, document.version,
                                            {query.limit, std::move(query.cursor)}));
  json::array items;
  for (const auto& chunk : page.items) items.push_back(rag::chunk_json(document, document.version, chunk));
  co_return co_await answer_json(
      x, 200, {{"chunks", std::move(items)}, {"next_cursor", cursor_json(page.next_cursor)}});
}

Done content(const RestParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(const auto document, co_await find(parts, x));
  CAPROCK_CO_TRY(auto bytes, co_await parts.intake.original(x.context, document));
  co_return co_await respond(x.response, 200, attachment_headers(document), std::move(bytes));
}

Done retry(const RestParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(auto id, uuid_param(x, "document"));
  CAPROCK_CO_TRY(const auto document, co_await parts.documents.retry(x.context, DocumentId(std::move(id))));
  co_return co_await answer_json(x, 202, rag::document_json(document));
}

Done cancel(const RestParts& parts, Exchange& x) {
  CAPROCK_CO_TRY(auto id, uuid_param(x, "document"));
  CAPROCK_CO_TRY(const auto document, co_await parts.documents.cancel(x.context, DocumentId(std::move(id))));
  co_return co_await answer_json(x, 200, rag::document_json(document));
}

Operation operation(std::string_view method, std::string_view pattern, std::string_view id,
                    std::string_view summary, Handler handler, Reply reply, std::vector<int> errors) {
  return {.method = method,
          .pattern = pattern,
          .auth = AuthClass::kUser,
          .id = id,
          .tag = "documents",
          .summary = summary,
          .handler = std::move(handler),
          .replies = {reply},
          .errors = std::move(errors)};
}

}  // namespace

std::vector<Operation> document_operations(const Parts& parts) {
  std::vector<Operation> all{
      operation("GET", "/documents", "listDocuments", "Documents, newest first.", bound(parts, list),
                {.help = "A page.", .schema = "DocumentPage"}, {}),
      operation("GET", "/documents/{id}/chunks", "listChunks",
                "The passages of the visible version, in order.", bound(parts, chunks),
                {.help = "A page.", .schema = "ChunkPage"}, {404, 409}),
      operation("GET", "/documents/{id}", "getDocument", "What is known of a document, with true progress.",
                bound(parts, get), {.help = "The document.", .schema = "Document"}, {404}),
      operation(
          "DELETE", "/documents/{id}", "deleteDocument",
          "Deletes a document with its text, passages and vectors.", bound(parts, remove),
          {.status = 204, .help = "Gone: no search sees it any more.", .schema = "", .content_type = ""},
          {404}),
      operation("GET", "/documents/{id}/text", "getDocumentText",
                "The text that all offsets point into, in Unicode code points.", bound(parts, text),
                {.help = "The text.", .schema = "", .content_type = "text/plain"}, {404, 409}),
      operation("GET", "/documents/{id}/content", "getDocumentContent", "The original, byte for byte.",
                bound(parts, content),
                {.help = "The original, as an attachment.", .schema = "", .content_type = "*/*"}, {404}),
      operation("POST", "/documents/{id}/retry", "retryDocument", "Ingests a failed document once more.",
                bound(parts, retry), {.status = 202, .help = "It is pending.", .schema = "Document"},
                {404, 409}),
      operation("POST", "/documents/{id}/cancel", "cancelDocument",
                "Stops an ingest that has not ended: an older version stays as it is.", bound(parts, cancel),
                {.help = "The document as it is now.", .schema = "Document"}, {404, 409})};
  all[0].query = list_fields();
  all[1].query = chunk_fields();
  return all;
}

}  // namespace caprock::server::rest
