#include "server/surfaces/rest/testing/rest_fixture.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/json.hpp>

#include "base/sha256.h"
#include "base/utf8.h"
#include "server/json_body.h"
#include "stores/sqlite/tables.h"

namespace caprock::server::rest::testing {

namespace json = boost::json;
using base::Awaitable;
using base::Result;

Awaitable<Result<stores::Accepted>> FakeIntake::submit(const base::RequestContext& context,
                                                       rag::Submission s) {
  submitted.push_back(s);
  if (s.bytes.empty()) {
    co_return base::failure(base::invalid_argument("content", "The document is empty."));
  }
  if (s.bytes.starts_with("\x89PNG")) {
    co_return base::failure(base::Error(base::ErrorKind::kUnsupportedMediaType,
                                        "A PNG image is not read; text, PDF and others are."));
  }
  const auto hash = base::sha256_hex(s.bytes);
  const auto source = s.source.empty() ? hash : s.source;
  bytes_[hash] = s.bytes;
  co_return co_await documents_.accept(
      context,
      {.collection = {context.principal.tenant, s.collection},
       .source = source,
       .title = s.title.empty() ? source : s.title,
       .content_type = s.content_type.empty() ? "text/plain" : s.content_type,
       .metadata = s.metadata,
       .content_sha256 = hash,
       .original_key = "default/original/" + hash,
       .size_bytes = s.bytes.size()},
      s.once);
}

Awaitable<Result<stores::Document>> FakeIntake::wait(const base::RequestContext& context,
                                                     stores::DocumentId id) {
  CAPROCK_CO_TRY(const auto jobs, co_await documents_.claim(context, 100, std::chrono::seconds(60)));
  for (const auto& job : jobs) {
    const auto& bytes = bytes_.at(job.document.content_sha256);
    if (bytes.starts_with("FAIL")) {
      CAPROCK_CO_CHECK(co_await documents_.fail(context, job, "it was told to fail"));
      continue;
    }
    const auto end = static_cast<std::uint32_t>(base::count_code_points(bytes));
    stores::Chunk chunk{.index = 0, .span = {0, end}, .token_count = 1, .content = bytes};
    std::vector<stores::ChunkRecord> records{{{job.document.id, job.version, 0}, std::move(chunk)}};
    CAPROCK_CO_CHECK(co_await chunks_.put(context, job.document.collection, std::move(records)));
    CAPROCK_CO_CHECK(co_await documents_.publish(context, job, 1, 1, ""));
  }
  co_return co_await documents_.get(context, id);
}

Awaitable<Result<std::string>> FakeIntake::text(const base::RequestContext&,
                                                const stores::Document& document) {
  co_return bytes_.at(document.content_sha256);
}

Awaitable<Result<std::string>> FakeIntake::original(const base::RequestContext&,
                                                    const stores::Document& document) {
  co_return bytes_.at(document.content_sha256);
}

Awaitable<Result<rag::Retrieval>> FakeFinder::retrieve(const base::RequestContext&,
                                                       rag::RetrieveRequest request) const {
  asked.push_back(std::move(request));
  co_return rag::Retrieval{.passages = agent::testing::ScriptedAnswerer::sample().passages};
}

namespace {

class Events final : public llm::ChatStream {
 public:
  explicit Events(std::vector<llm::StreamEvent> events) : events_(std::move(events)) {}
  Awaitable<Result<std::optional<llm::StreamEvent>>> next() override {
    if (at_ == events_.size()) co_return std::nullopt;
    co_return events_[at_++];
  }

 private:
  const std::vector<llm::StreamEvent> events_;
  std::size_t at_ = 0;
};

}  // namespace

Awaitable<Result<std::unique_ptr<llm::ChatStream>>> FakeModel::converse(const base::RequestContext& context,
                                                                        llm::ChatRequest request) {
  asked.push_back(request);
  request_ids.push_back(context.request_id.str());
  if (!answer)
    co_return std::make_unique<Events>(std::vector<llm::StreamEvent>{
        llm::TextDelta{0, llm::text_of(request.messages.at(0))}, llm::MessageStop{},
        llm::StreamMetadata{
            .usage = {.input_tokens = 2,
                      .output_tokens = 3,
                      .billed_nano_usd =
                          request.model == "priced" ? std::optional<std::int64_t>(5'000) : std::nullopt},
            .model = request.model}});
  CAPROCK_CO_TRY(auto events, answer(request));
  co_return std::make_unique<Events>(std::move(events));
}

namespace {

Awaitable<Result<Fetched>> give(Result<Fetched> fetched) { co_return fetched; }

}  // namespace

RestTest::RestTest() {
  db = std::move(stores::Database::open(folder.file("c.db"), {stores::record_tables()}).value());
  documents = std::make_unique<stores::SqliteDocumentStore>(*db, clock);
  chunks = std::make_unique<stores::SqliteChunkStore>(*db);
  conversations = std::make_unique<stores::SqliteConversationStore>(*db, clock);
  key_store = std::make_unique<stores::SqliteKeyStore>(*db);
  keys = std::make_unique<KeyService>(KeyService::Parts{.store = *key_store,
                                                        .ring = ring,
                                                        .clock = clock,
                                                        .data_folder = folder.path(),
                                                        .settings = key_settings});
  intake = std::make_unique<FakeIntake>(*documents, *chunks);
  chat = std::make_unique<agent::ChatService>(
      agent::ChatService::Parts{answerer, *conversations, clock, loop.get_executor()}, agent::ChatSettings{});
  router = std::make_unique<Router>(
      rest_routes({.intake = *intake,
                   .answerer = answerer,
                   .retriever = finder,
                   .documents = *documents,
                   .chunks = *chunks,
                   .conversations = *conversations,
                   .chat = *chat,
                   .tools = tools,
                   .keys = keys.get(),
                   .clock = clock,
                   .version = "1.2.3",
                   .fetch = [this](const base::RequestContext&, const std::string&) { return give(fetched); },
                   .model = &model,
                   .ready = [this] { return dependencies; },
                   .metrics = [] { return std::string("# HELP x\n"); },
                   .settings = {.max_upload = 10'000,
                                .upload_memory = 20'000,
                                .generate = {.batch_requests = 6, .batch_parallel = 2}}}));
  auth = std::make_unique<Auth>(settings, base::Secret());
  dispatcher = std::make_unique<Dispatcher>(*router, *auth, settings, base::null_metrics());
}

LocalResponse RestTest::call(LocalRequest request) {
  InProcess door(*dispatcher);
  std::optional<LocalResponse> out;
  boost::asio::co_spawn(loop, door.call(std::move(request), stop),
                        [&](std::exception_ptr failed, LocalResponse response) {
                          if (failed) std::rethrow_exception(failed);
                          out = std::move(response);
                        });
  while (!out) loop.run_one();
  return std::move(*out);
}

LocalResponse RestTest::post(std::string target, std::string body, std::string key) {
  LocalRequest request{.method = "POST",
                       .target = std::move(target),
                       .headers = {{"content-type", "application/json"}},
                       .body = std::move(body)};
  if (!key.empty()) request.headers.add("Idempotency-Key", std::move(key));
  return call(std::move(request));
}

LocalResponse RestTest::upload(std::string target, const std::string& body, std::string key) {
  LocalRequest request{.method = "POST",
                       .target = std::move(target),
                       .headers = {{"content-type", "multipart/form-data; boundary=b"}},
                       .body = body};
  if (!key.empty()) request.headers.add("Idempotency-Key", std::move(key));
  return call(std::move(request));
}

json::value RestTest::json_of(const LocalResponse& response) {
  auto parsed = base::parse_json(response.body);
  EXPECT_TRUE(parsed) << response.status << " " << response.body;
  return parsed ? *parsed : json::value();
}

std::string RestTest::error_of(const LocalResponse& response) {
  const auto body = json_of(response);
  const auto& error = body.at("error").as_object();
  const auto text = [&](std::string_view name) {
    const auto* found = error.if_contains(name);
    return found == nullptr ? std::string() : std::string(found->as_string());
  };
  return std::to_string(response.status) + "|" + text("field") + "|" + text("message");
}

}  // namespace caprock::server::rest::testing
