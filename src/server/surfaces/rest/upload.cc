#include "server/surfaces/rest/upload.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/json/json_text.h"
#include "base/sha256.h"
#include "server/json_body.h"
#include "server/surfaces/rest/multipart_headers.h"

namespace caprock::server::rest {

namespace json = boost::json;
using base::failure;
using base::Result;

namespace {

// The form's texts as the JSON object that the same fields would be in a body; metadata is JSON text itself.
Result<UploadForm> read_form(const std::vector<Part>& parts) {
  json::object form;
  for (const auto& part : parts) {
    if (part.file_name) continue;
    if (form.contains(part.name)) {
      return failure(base::invalid_argument(part.name, fmt::format("{} may be given once only.", part.name)));
    }
    if (part.name != "metadata") {
      form[part.name] = part.body;
      continue;
    }
    auto parsed = parse_json_body(part.body);
    if (!parsed) {
      return failure(base::invalid_argument("metadata", "metadata must be JSON: " + parsed.error().message));
    }
    form[part.name] = std::move(*parsed);
  }
  return upload_fields().parse(form);
}

std::string digest_of(const std::vector<Part>& parts) {
  std::string names;
  for (const auto& part : parts) {
    names += fmt::format("{}\n{}\n{}\n{}\n{}\n", base::json_quoted(part.name), part.folder,
                         part.file_name.value_or(""), part.content_type, base::sha256_hex(part.body));
  }
  return base::sha256_hex(names);
}

}  // namespace

base::Awaitable<Result<Upload>> read_upload(Request& request, BodyShare& share) {
  CAPROCK_CO_TRY(const auto boundary, multipart_boundary(request.headers.get("content-type")));
  MultipartParser parser(boundary);
  while (true) {
    CAPROCK_CO_TRY(const auto piece, co_await request.body->read());
    if (!piece) break;
    if (!share.take(piece->size())) {
      co_return failure(
          base::Error(base::ErrorKind::kUnavailable, "Too many uploads are under way; try again soon.")
              .with_retry_after(std::chrono::seconds(5)));
    }
    CAPROCK_CO_CHECK(parser.feed(*piece));
  }
  CAPROCK_CO_TRY(auto parts, std::move(parser).finish());
  Upload upload;
  CAPROCK_CO_TRY(upload.form, read_form(parts));
  upload.digest = digest_of(parts);
  for (auto& part : parts) {
    if (part.file_name) upload.files.push_back(std::move(part));
  }
  if (upload.files.empty()) {
    co_return failure(base::invalid_argument("file", "The upload has no file: a file part has a filename."));
  }
  co_return upload;
}

std::string upload_source(const UploadForm& form, const Part& file) {
  if (file.file_name->empty()) return "";
  const std::string under = form.source.empty() ? "" : form.source + "/";
  const auto clean =
      clean_file_name(under + (file.folder.empty() ? "" : file.folder + "/") + *file.file_name);
  return clean.folder.empty() ? clean.name : clean.folder + "/" + clean.name;
}

}  // namespace caprock::server::rest
