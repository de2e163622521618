#include "server/surfaces/rest/request_bodies.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "rag/wire/filter_json.h"
#include "rag/wire/metadata_json.h"
#include "server/surfaces/rest/messages.h"

namespace caprock::server::rest {

namespace json = boost::json;
using base::failure;
using base::Fields;
using base::invalid_argument;
using base::Result;

namespace {

constexpr std::size_t kMaxContent = 25'000'000;  // code points: the limit of a JSON body comes first
constexpr std::size_t kMaxTitle = 1000;
constexpr std::size_t kMaxSource = 2048;
constexpr std::size_t kMaxContentType = 255;
constexpr std::size_t kMaxModel = 2048;  // an ARN
constexpr std::size_t kMaxTools = 128;

json::object described(json::object schema, std::string_view help) {
  schema["description"] = help;
  return schema;
}

Result<std::shared_ptr<const stores::Filter>> read_shared_filter(const json::value& value,
                                                                 const std::string& path) {
  CAPROCK_TRY(auto filter, rag::read_filter(value, path));
  return std::make_shared<const stores::Filter>(std::move(filter));
}

Result<std::string> read_uuid(const json::value& value, const std::string& path) {
  CAPROCK_TRY(auto text, base::read_text(value, path, {.help = ""}));
  if (!is_uuid(text)) return failure(invalid_argument(path, fmt::format("{} must be a UUID.", path)));
  for (char& c : text) c = c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c;
  return text;
}

Result<std::vector<std::string>> read_names(const json::value& value, const std::string& path) {
  if (!value.is_array() || value.get_array().size() > kMaxTools) {
    return failure(
        invalid_argument(path, fmt::format("{} must be a list of at most {} names.", path, kMaxTools)));
  }
  std::vector<std::string> names;
  for (std::size_t i = 0; i < value.get_array().size(); ++i) {
    CAPROCK_TRY(auto name, base::read_text(value.get_array()[i], fmt::format("{}[{}]", path, i),
                                           {.help = "", .max = 64, .blank = false}));
    names.push_back(std::move(name));
  }
  return names;
}

// http and https alone: nothing else names a document on the web.
Result<std::string> read_url(const json::value& value, const std::string& path) {
  CAPROCK_TRY(auto url, base::read_text(value, path, {.help = "", .max = kMaxSource, .blank = false}));
  if (url.starts_with("http://") || url.starts_with("https://")) return url;
  return failure(invalid_argument(path, fmt::format("{} must begin with http:// or https://.", path)));
}

template <class Body>
void add_document_fields(Fields<Body>& fields, const std::string& source_help) {
  fields
      .text("title", &Body::title,
            {.help = "Title; by default that of the document itself, else its file name.", .max = kMaxTitle})
      .text("source", &Body::source, {.help = source_help, .max = kMaxSource})
      .text("content_type", &Body::content_type,
            {.help = "Declared media type; only decides where the content itself leaves it open.",
             .max = kMaxContentType})
      .custom("metadata", &Body::metadata, rag::metadata_schema(), rag::read_metadata)
      .custom("collection", &Body::collection, collection_schema(), read_collection);
}

template <class Body>
void add_search_fields(Fields<Body>& fields) {
  fields
      .integer("top_k", &Body::top_k, {.help = "How many passages to answer from.", .min = 1, .max = 10'000})
      .text("model", &Body::model,
            {.help = "Model to answer with instead of the configured one.", .max = kMaxModel, .blank = false})
      .custom("collection", &Body::collection, collection_schema(), read_collection);
}

Fields<QueryBody> make_query_fields() {
  Fields<QueryBody> fields;
  fields.text("query", &QueryBody::query,
              {.help = "The question.", .required = true, .max = kMaxQuery, .blank = false});
  add_search_fields(fields);
  fields
      .custom("filter", &QueryBody::filter, json::object{{"$ref", "#/components/schemas/Filter"}},
              read_shared_filter)
      .flag("retrieval_only", &QueryBody::retrieval_only, "Only the passages, without an answer.");
  return fields;
}

Fields<ChatBody> make_chat_fields() {
  Fields<ChatBody> fields;
  fields
      .text("message", &ChatBody::message,
            {.help = "What the user says.", .required = true, .max = kMaxQuery, .blank = false})
      .custom("conversation_id", &ChatBody::conversation_id,
              {{"type", "string"},
               {"format", "uuid"},
               {"description", "Goes on with a conversation; without it a new one begins."}},
              read_uuid);
  add_search_fields(fields);
  fields.custom("tools", &ChatBody::tools,
                {{"type", "array"},
                 {"maxItems", kMaxTools},
                 {"items", {{"type", "string"}, {"minLength", 1}, {"maxLength", 64}}},
                 {"description", "Names of the tools that may be used, of those at /tools."}},
                read_names);
  return fields;
}

Fields<IngestBody> make_ingest_fields() {
  Fields<IngestBody> fields;
  fields
      .text("content", &IngestBody::content,
            {.help = "The document's text. Either this or url.", .max = kMaxContent, .blank = false})
      .custom(
          "url", &IngestBody::url,
          described(
              {{"type", "string"}, {"format", "uri"}, {"maxLength", kMaxSource}, {"pattern", "^https?://"}},
              "Where the document is read from. Either this or content."),
          read_url);
  add_document_fields(
      fields,
      "What names the document within its collection: the same source again replaces it. By default "
      "the URL, else the hash of the content.");
  return fields;
}

Fields<UploadForm> make_upload_fields() {
  Fields<UploadForm> fields;
  add_document_fields(fields,
                      "Folder of the files: with a file's name it names the document within its collection.");
  return fields;
}

Fields<KeyBody> make_key_fields() {
  Fields<KeyBody> fields;
  fields
      .text("name", &KeyBody::name,
            {.help = "What it is for, in words.", .required = true, .max = 100, .blank = false})
      .flag("admin", &KeyBody::admin, "Whether it may issue and revoke keys.");
  return fields;
}

}  // namespace

const Fields<QueryBody>& query_fields() {
  static const auto kFields = make_query_fields();
  return kFields;
}

const Fields<ChatBody>& chat_fields() {
  static const auto kFields = make_chat_fields();
  return kFields;
}

const Fields<IngestBody>& ingest_fields() {
  static const auto kFields = make_ingest_fields();
  return kFields;
}

const Fields<KeyBody>& key_fields() {
  static const auto kFields = make_key_fields();
  return kFields;
}

const Fields<UploadForm>& upload_fields() {
  static const auto kFields = make_upload_fields();
  return kFields;
}

}  // namespace caprock::server::rest
