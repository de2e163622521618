#include <fmt/format.h>

#include <boost/json.hpp>
#include <set>

#include "base/json/json_text.h"
#include "rag/wire/render.h"
#include "server/errors.h"
#include "server/surfaces/rest/ingest_wait.h"
#include "server/surfaces/rest/messages.h"
#include "server/surfaces/rest/operation.h"
#include "server/surfaces/rest/upload.h"

namespace caprock::server::rest {

namespace json = boost::json;
using base::Error;
using base::ErrorKind;
using base::failure;
using base::Result;

namespace {

/// One file's outcome; `accepted` counts when there is no error.
struct Entry {
  std::string file_name;
  stores::Accepted accepted;
  std::optional<Error> error;
};

rag::Submission submission_of(const UploadForm& form, Part& file, std::string source,
                              std::optional<stores::IdempotencyEntry> once) {
  return {.bytes = std::move(file.body),
          .collection = form.collection,
          .source = std::move(source),
          .title = form.title,
          .content_type = form.content_type.empty() ? file.content_type : form.content_type,
          .file_name = *file.file_name,
          .metadata = form.metadata,
          .once = std::move(once)};
}

// An entry fails alone; an error that would meet every file (no space, another body under the key) ends the
// request.
bool is_of_the_file(ErrorKind kind) {
  return kind == ErrorKind::kInvalidArgument || kind == ErrorKind::kUnsupportedMediaType ||
         kind == ErrorKind::kPayloadTooLarge || kind == ErrorKind::kConflict;
}

base::Awaitable<Result<std::vector<Entry>>> submit_all(const RestParts& parts, const Exchange& x,
                                                       Upload& upload,
                                                       const std::optional<stores::IdempotencyEntry>& once) {
  std::vector<Entry> entries;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < upload.files.size(); ++i) {
    auto& file = upload.files[i];
    auto source = upload_source(upload.form, file);
    Entry entry{.file_name = source.empty() ? *file.file_name : source, .accepted = {}, .error = {}};
    if (!source.empty() && !seen.insert(source).second) {
      entry.error = base::invalid_argument(
          file.name,
          fmt::format("Two files of this upload are named \"{}\"; this one was left out.", source));
      entries.push_back(std::move(entry));
      continue;
    }
    auto own = once;
    if (own) own->key = fmt::format("{}#{}", own->key, i);
    auto submitted = co_await parts.intake.submit(
        x.context, submission_of(upload.form, file, std::move(source), std::move(own)));
    if (submitted) {
      entry.accepted = std::move(*submitted);
    } else if (is_of_the_file(submitted.error().kind)) {
      entry.error = std::move(submitted).error();
    } else {
      co_return failure(std::move(submitted).error());
    }
    entries.push_back(std::move(entry));
  }
  co_return entries;
}

json::value error_value(const Error& error, const Exchange& x) {
  return base::parse_json(rest_error_json(error, x.context.request_id))->at("error");
}

Done answer_entries(const RestParts& parts, Exchange& x, std::vector<Entry> entries, bool wait) {
  json::array list;
  bool all_settled = true;
  const Error* first_error = nullptr;
  bool any = false;
  for (auto& entry : entries) {
    json::object item{{"file_name", entry.file_name}};
    if (entry.error) {
      if (first_error == nullptr) first_error = &*entry.error;
      item["error"] = error_value(*entry.error, x);
    } else {
      any = true;
      CAPROCK_CO_TRY(const auto outcome, co_await settle(parts, x.context, std::move(entry.accepted), wait));
      all_settled = all_settled && outcome.settled;
      item["document"] = rag::document_json(outcome.document);
    }
    list.push_back(std::move(item));
  }
  json::object body{{"documents", std::move(list)}};
  // When no file was taken the request has failed: its status is that of the first file.
  if (any) co_return co_await answer_json(x, all_settled ? 200 : 202, body);
  body["error"] = error_value(*first_error, x);
  co_return co_await answer_json(x, base::traits(first_error->kind).http_status, body);
}

Done upload(const RestParts& parts, BodyMemory& memory, Exchange& x) {
  CAPROCK_CO_TRY(const auto wait, read_wait(x.request));
  std::optional<BodyShare> share(std::in_place, memory);
  CAPROCK_CO_TRY(auto whole, co_await read_upload(x.request, *share));
  CAPROCK_CO_TRY(const auto once, idempotency(x.request, "POST /documents/upload", whole.digest));
  CAPROCK_CO_TRY(auto entries, co_await submit_all(parts, x, whole, once));
  share.reset();  // the files are the intake's now
  co_return co_await answer_entries(parts, x, std::move(entries), wait);
}

}  // namespace

std::vector<Operation> upload_operations(const Parts& parts) {
  const auto memory = std::make_shared<BodyMemory>(parts->settings.upload_memory);
  return {
      {.method = "POST",
       .pattern = "/documents/upload",
       .auth = AuthClass::kUser,
       .id = "uploadDocuments",
       .tag = "documents",
       .summary = "Takes in files. Each has an entry with its document or its error.",
       .handler = [parts, memory](Exchange& x) { return upload(*parts, *memory, x); },
       .replies = {{.help = "All are indexed, failed, or already there unchanged.",
                    .schema = "UploadResponse"},
                   {.status = 202, .help = "Kept durably; the ingest goes on.", .schema = "UploadResponse"}},
       .errors = {409},
       .query = wait_fields(),
       .request = "UploadRequest",
       .request_type = "multipart/form-data",
       .idempotency_key = true,
       .body_limit = parts->settings.max_upload}};
}

}  // namespace caprock::server::rest
