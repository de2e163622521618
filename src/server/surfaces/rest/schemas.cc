#include "server/surfaces/rest/schemas.h"

#include <boost/json.hpp>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "rag/wire/filter_json.h"
#include "rag/wire/metadata_json.h"
#include "server/surfaces/rest/generate_body.h"
#include "server/surfaces/rest/request_bodies.h"

namespace caprock::server::rest {

namespace json = boost::json;

namespace {

using Properties = std::initializer_list<std::pair<std::string_view, json::object>>;

json::object type(std::string_view name) { return {{"type", name}}; }
json::object text() { return type("string"); }
json::object integer() { return {{"type", "integer"}, {"minimum", 0}}; }
json::object number() { return type("number"); }
json::object flag() { return type("boolean"); }
json::object time() { return {{"type", "string"}, {"format", "date-time"}}; }
json::object uuid() { return {{"type", "string"}, {"format", "uuid"}}; }
json::object ref(std::string_view name) { return {{"$ref", "#/components/schemas/" + std::string(name)}}; }
json::object list_of(json::object item) { return {{"type", "array"}, {"items", std::move(item)}}; }
json::object one_of(json::array values) { return {{"type", "string"}, {"enum", std::move(values)}}; }

json::object or_null(json::object schema) {
  const auto name = schema.at("type").as_string();
  schema["type"] = json::array{name, "null"};
  return schema;
}

// Every answer has all of its properties: what is not known is null.
json::object object_of(Properties properties) {
  json::object all;
  json::array required;
  for (const auto& [name, schema] : properties) {
    all[name] = schema;
    required.emplace_back(name);
  }
  return {{"type", "object"}, {"properties", std::move(all)}, {"required", std::move(required)}};
}

json::object page_of(std::string_view name, std::string_view item) {
  return object_of({{name, list_of(ref(item))}, {"next_cursor", or_null(text())}});
}

json::object optional(json::object schema, std::string_view name, json::object property) {
  schema["properties"].as_object()[name] = std::move(property);
  return schema;
}

json::object error_schema() {
  auto inner = object_of({{"type", text()}, {"message", text()}, {"request_id", text()}});
  inner = optional(std::move(inner), "field", text());
  inner = optional(std::move(inner), "retry_after", integer());
  return object_of({{"error", std::move(inner)}});
}

// OpenAPI describes a form like an object; its files are the part that carries a file name.
json::object upload_request() {
  auto form = upload_fields().schema();
  form["properties"].as_object()["file"] = {
      {"type", "array"},
      {"minItems", 1},
      {"items", {{"type", "string"}, {"minLength", 1}, {"contentMediaType", "application/octet-stream"}}},
      {"description", "The files. Any name of the part will do, as long as it has a filename."}};
  form["required"] = json::array{"file"};
  return form;
}

json::object ingest_request() {
  auto schema = ingest_fields().schema();
  schema["oneOf"] = json::array{json::object{{"required", json::array{"content"}}},
                                json::object{{"required", json::array{"url"}}}};
  return schema;
}

json::object chat_request(const std::vector<std::string>& tools) {
  auto schema = chat_fields().schema();
  auto& list = schema["properties"].as_object()["tools"].as_object();
  if (tools.empty()) {
    list["maxItems"] = 0;
  } else {
    list["items"] = one_of(json::array(tools.begin(), tools.end()));
  }
  return schema;
}

json::object batch_request(std::size_t most) {
  auto schema = batch_fields().schema();
  schema["properties"].as_object()["requests"].as_object()["maxItems"] = most;
  return schema;
}

void add_requests(json::object& all, const ContractFacts& facts) {
  all["QueryRequest"] = query_fields().schema();
  all["ChatRequest"] = chat_request(facts.tools);
  all["GenerateRequest"] = generate_fields().schema();
  all["BatchRequest"] = batch_request(facts.batch);
  all["IngestRequest"] = ingest_request();
  all["KeyRequest"] = key_fields().schema();
  all["UploadRequest"] = upload_request();
  all["Filter"] = rag::filter_schema();
  all["FilterCondition"] = rag::filter_condition_schema();
}

void add_system(json::object& all) {
  all["Error"] = error_schema();
  all["Health"] =
      object_of({{"status", one_of(json::array{"ok"})}, {"version", text()}, {"uptime_seconds", number()}});
  const auto state = one_of(json::array{"ok", "degraded", "down"});
  all["Dependency"] = object_of({{"name", text()}, {"status", state}, {"detail", or_null(text())}});
  all["Ready"] = object_of({{"status", state}, {"dependencies", list_of(ref("Dependency"))}});
  all["ReadyOrError"] = {{"anyOf", json::array{ref("Ready"), ref("Error")}}};
  all["Tool"] = object_of({{"name", text()}, {"description", text()}, {"input_schema", type("object")}});
  all["ToolList"] = object_of({{"tools", list_of(ref("Tool"))}});
  const auto cost = object_of({{"input", or_null(number())}, {"output", or_null(number())}});
  all["Model"] = object_of({{"model_id", text()},
                            {"name", text()},
                            {"provider", text()},
                            {"max_tokens", or_null(integer())},
                            {"context_tokens", or_null(integer())},
                            {"cost_per_token", cost},
                            {"available", flag()},
                            {"performance_score", or_null(number())},
                            {"last_updated", or_null(time())}});
  all["ModelList"] = object_of({{"models", list_of(ref("Model"))}});
  all["Contract"] = object_of({{"openapi", text()}, {"info", type("object")}, {"paths", type("object")}});
}

void add_generated(json::object& all) {
  const auto counts = object_of({{"input", integer()},
                                 {"output", integer()},
                                 {"cache_read", integer()},
                                 {"cache_write", integer()},
                                 {"reasoning", integer()},
                                 {"total", integer()}});
  const auto metadata = object_of(
      {{"stop_reason", text()}, {"token_usage", or_null(counts)}, {"parameters_not_taken", list_of(text())}});
  all["GenerateResponse"] = object_of({{"text", text()},
                                       {"model_used", text()},
                                       {"tokens_used", or_null(integer())},
                                       {"response_time", number()},
                                       {"cost_estimate", or_null(number())},
                                       {"request_id", text()},
                                       {"timestamp", time()},
                                       {"cached", flag()},
                                       {"metadata", metadata}});
  all["BatchEntry"] = {{"anyOf", json::array{ref("GenerateResponse"), ref("Error")}}};
  all["BatchResponse"] = object_of({{"responses", list_of(ref("BatchEntry"))}});
}

void add_keys(json::object& all) {
  all["Key"] = object_of({{"key_id", text()},
                          {"name", text()},
                          {"access_key_id", text()},
                          {"roles", list_of(text())},
                          {"created_at", time()},
                          {"revoked_at", or_null(time())}});
  all["NewKey"] = object_of({{"key_id", text()},
                             {"name", text()},
                             {"access_key_id", text()},
                             {"roles", list_of(text())},
                             {"created_at", time()},
                             {"revoked_at", or_null(time())},
                             {"api_key", text()},
                             {"secret_access_key", text()}});
  all["KeyPage"] = object_of({{"keys", list_of(ref("Key"))}, {"next_cursor", or_null(text())}});
}

void add_documents(json::object& all) {
  auto span = object_of({{"start", integer()}, {"end", integer()}});
  span["description"] = "Half-open, in Unicode code points.";
  all["Span"] = std::move(span);
  auto box = object_of({{"page", integer()},
                        {"start", integer()},
                        {"end", integer()},
                        {"x0", number()},
                        {"y0", number()},
                        {"x1", number()},
                        {"y1", number()}});
  box["description"] =
      "A line of a page: its part of the text in code points, its place in points from the top left.";
  all["Box"] = std::move(box);
  all["Document"] = object_of({{"id", uuid()},
                               {"title", text()},
                               {"source", text()},
                               {"collection", text()},
                               {"content_type", text()},
                               {"status", one_of(json::array{"PENDING", "PROCESSING", "INDEXED", "FAILED"})},
                               {"error", or_null(text())},
                               {"version", integer()},
                               {"chunk_count", integer()},
                               {"token_count", integer()},
                               {"size_bytes", integer()},
                               {"content_sha256", text()},
                               {"created_at", time()},
                               {"updated_at", time()},
                               {"indexed_at", or_null(time())},
                               {"s3_key", text()},
                               {"metadata", rag::metadata_schema()},
                               {"progress", object_of({{"bytes_parsed", integer()},
                                                       {"chunks_embedded", integer()},
                                                       {"chunks_total", integer()}})}});
  all["DocumentPage"] = page_of("documents", "Document");
  all["Chunk"] = object_of({{"chunk_id", text()},
                            {"document_id", uuid()},
                            {"chunk_index", integer()},
                            {"start_char", integer()},
                            {"end_char", integer()},
                            {"token_count", integer()},
                            {"content", text()},
                            {"context", text()},
                            {"section", or_null(text())},
                            {"page", or_null(integer())},
                            {"boxes", list_of(ref("Box"))}});
  all["ChunkPage"] = page_of("chunks", "Chunk");
  auto entry = object_of({{"file_name", text()}});
  entry = optional(std::move(entry), "document", ref("Document"));
  entry = optional(std::move(entry), "error", error_schema().at("properties").at("error").as_object());
  all["UploadEntry"] = std::move(entry);
  all["UploadResponse"] = object_of({{"documents", list_of(ref("UploadEntry"))}});
}

void add_answers(json::object& all) {
  all["Source"] = object_of({{"document_id", uuid()},
                             {"chunk_id", text()},
                             {"score", number()},
                             {"content", text()},
                             {"metadata", type("object")},
                             {"title", text()},
                             {"source", text()},
                             {"page", or_null(integer())},
                             {"section", or_null(text())},
                             {"span", ref("Span")},
                             {"text_rank", or_null(integer())},
                             {"vector_rank", or_null(integer())}});
  all["Citation"] = object_of({{"number", integer()},
                               {"answer_span", ref("Span")},
                               {"chunk_id", text()},
                               {"document_id", uuid()},
                               {"quote", text()},
                               {"span", ref("Span")},
                               {"title", text()},
                               {"source", text()},
                               {"page", or_null(integer())},
                               {"boxes", list_of(ref("Box"))}});
  all["TokenUsage"] = object_of({{"input", integer()}, {"output", integer()}, {"total", integer()}});
  all["Timings"] = object_of({{"embed_ms", number()},
                              {"text_ms", number()},
                              {"vector_ms", number()},
                              {"fuse_ms", number()},
                              {"load_ms", number()},
                              {"answer_ms", number()},
                              {"total_ms", number()}});
  all["QueryResponse"] = object_of({{"query", text()},
                                    {"answer", or_null(text())},
                                    {"sources", list_of(ref("Source"))},
                                    {"model_id", or_null(text())},
                                    {"latency_ms", number()},
                                    {"token_usage", ref("TokenUsage")},
                                    {"abstained", flag()},
                                    {"reason", or_null(text())},
                                    {"confidence", or_null(number())},
                                    {"citations", list_of(ref("Citation"))},
                                    {"citations_dropped", integer()},
                                    {"explanation", or_null(text())},
                                    {"answer_value", or_null(text())},
                                    {"timings", ref("Timings")},
                                    {"cost_usd", or_null(number())},
                                    {"cached", flag()},
                                    {"degraded", or_null(text())},
                                    {"request_id", text()}});
}

void add_conversations(json::object& all) {
  all["ChatResponse"] = object_of({{"conversation_id", uuid()},
                                   {"message", text()},
                                   {"user_id", text()},
                                   {"timestamp", time()},
                                   {"model", or_null(text())},
                                   {"sources", list_of(ref("Source"))},
                                   {"citations", list_of(ref("Citation"))},
                                   {"token_usage", ref("TokenUsage")},
                                   {"abstained", flag()},
                                   {"reason", or_null(text())},
                                   {"degraded", flag()},
                                   {"request_id", text()}});
  auto event =
      object_of({{"event", one_of(json::array{"start", "retrieval", "token", "citation", "done", "error"})},
                 {"data", text()}});
  event = optional(std::move(event), "id", text());
  event["description"] =
      "One event of the stream; data is JSON text: that of done is a ChatResponse, of error an Error.";
  all["ChatEvent"] = std::move(event);
  auto conversation = object_of({{"id", uuid()},
                                 {"user_id", text()},
                                 {"title", text()},
                                 {"message_count", integer()},
                                 {"created_at", time()},
                                 {"updated_at", time()}});
  all["Conversation"] = conversation;
  all["ConversationPage"] = page_of("conversations", "Conversation");
  auto message = object_of({{"sequence", integer()},
                            {"role", one_of(json::array{"system", "user", "assistant"})},
                            {"content", list_of(type("object"))},
                            {"user_id", text()},
                            {"model", or_null(text())},
                            {"timestamp", time()}});
  message = optional(std::move(message), "sources", list_of(ref("Source")));
  message = optional(std::move(message), "citations", list_of(ref("Citation")));
  all["Message"] = std::move(message);
  all["ConversationWithMessages"] = {
      {"allOf", json::array{ref("Conversation"), page_of("messages", "Message")}}};
}

}  // namespace

json::object component_schemas(const ContractFacts& facts) {
  json::object all;
  add_requests(all, facts);
  add_system(all);
  add_generated(all);
  add_keys(all);
  add_documents(all);
  add_answers(all);
  add_conversations(all);
  return all;
}

}  // namespace caprock::server::rest
