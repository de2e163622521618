#include "app/root/root.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <fstream>
#include <iterator>
#include <thread>

#include "agent/conversation/chat_service.h"
#include "agent/tools/registry.h"
#include "app/root/document_services.h"
#include "app/root/embedded_stores.h"
#include "app/root/model_services.h"
#include "app/root/readiness.h"
#include "base/log.h"
#include "base/task_group.h"
#include "gateway/embed_gateway.h"
#include "net/fetch_url.h"
#include "net/http_client.h"
#include "server/auth.h"
#include "server/event_loops.h"
#include "server/keys/issued_key_authenticator.h"
#include "server/keys/key_service.h"
#include "server/router.h"
#include "server/surfaces/anthropic/anthropic_routes.h"
#include "server/surfaces/bedrock/bedrock_routes.h"
#include "server/surfaces/models/model_routes.h"
#include "server/surfaces/openai/openai_routes.h"
#include "server/surfaces/rest/rest_routes.h"
#include "server/surfaces/web/web_routes.h"

namespace caprock::app {

namespace asio = boost::asio;

namespace {

// Loops of the root: one for taking documents in, one for turns of conversations, so that neither waits for
// the other.
constexpr std::size_t kIngestLoop = 0;
constexpr std::size_t kChatLoop = 1;
constexpr std::size_t kLoops = 2;

std::size_t cores() { return std::max(1U, std::thread::hardware_concurrency()); }

// A host that does not exist or does not answer is what the caller's URL leads to, not trouble of ours.
base::Error as_callers_fault(base::Error error) {
  using enum base::ErrorKind;
  if (error.kind == kUnavailable || error.kind == kUpstream) error.kind = kUnprocessable;
  return error;
}

base::Awaitable<base::Result<server::Fetched>> fetch(net::HttpClient& client,
                                                     const base::RequestContext& context, std::string url) {
  auto answer = co_await net::fetch_url(client, context, std::move(url));
  if (!answer) co_return base::failure(as_callers_fault(std::move(answer).error()));
  net::Fetched found = std::move(*answer);
  co_return server::Fetched{.bytes = std::move(found.bytes),
                            .content_type = std::move(found.content_type),
                            .file_name = std::move(found.file_name)};
}

// What can fail before anything is opened.
struct Models {
  std::unique_ptr<observability::PrometheusRegistry> registry;
  std::unique_ptr<gateway::Prices> prices;
  std::unique_ptr<net::HttpClient> http;
  std::unique_ptr<ModelServices> services;
  std::unique_ptr<llm::Embedder> embedder;  ///< null without a model
};

base::Result<Models> make_models(const ProcessSettings& settings) {
  Models made;
  made.registry = std::make_unique<observability::PrometheusRegistry>();
  base::MetricRegistry& counting =
      settings.metrics.enabled ? static_cast<base::MetricRegistry&>(*made.registry) : base::null_metrics();
  CAPROCK_TRY(made.prices, gateway::Prices::open(settings.pricing, base::system_clock()));
  made.http = std::make_unique<net::HttpClient>(settings.net);
  made.services = std::make_unique<ModelServices>(settings, *made.http, *made.prices, counting);
  CAPROCK_CHECK(check_routes(*made.services));
  CAPROCK_TRY(made.embedder, make_embedder(settings, &made.services->router));
  if (made.embedder && !settings.embeddings.local())
    made.embedder = governed(std::move(made.embedder), made.services->gateway, "rest");
  return made;
}

}  // namespace

// Every service, in order of dependency.
struct Root::State {
  State(const ProcessSettings& s, const std::filesystem::path& folder, std::unique_ptr<EmbeddedStores> opened,
        std::unique_ptr<base::BlockingPool> pool, Models made, const base::Secret& owner_token);

  const ProcessSettings& settings;
  std::unique_ptr<observability::PrometheusRegistry> registry;
  observability::PrometheusRegistry& metrics = *registry;
  base::MetricRegistry& counting = settings.metrics.enabled ? metrics : base::null_metrics();
  server::EventLoops loops{kLoops};  ///< outlives every thread that posts to it
  std::unique_ptr<base::BlockingPool> query_pool;
  base::BlockingPool ingest_pool{{.name = "ingest", .threads = cores(), .queue = 256}};
  std::unique_ptr<EmbeddedStores> stores;
  stores::SqliteUsageLedger ledger;
  Models models;
  std::unique_ptr<gateway::EmbedGateway> embedder;  ///< null without a model
  server::KeyRing ring;
  server::KeyService keys;
  Readiness readiness;
  DocumentServices documents;
  agent::ToolRegistry tools;
  agent::ChatService chat;
  server::Router router;
  server::Auth auth;
  server::Dispatcher dispatcher;
  base::TaskGroup tasks;
  std::jthread settling;

  std::vector<server::Route> all_routes();
  server::ListModels lister();
  server::RestParts rest_parts();
  server::AnthropicParts anthropic_parts();
  server::OpenAiParts openai_parts();
  server::BedrockParts bedrock_parts();
  base::Awaitable<void> take_in(std::filesystem::path folder, std::string collection, std::stop_token stop);
  std::optional<std::string> trouble_with_answer_model() const;
  base::Result<void> load_keys();
  void start();
  void stop();

  // Runs a coroutine on one of the loops and waits for it. Never from a loop.
  void run_on(std::size_t loop, base::Awaitable<void> work) {
    asio::co_spawn(loops.executor(loop), std::move(work), asio::use_future).get();
  }
};

Root::State::State(const ProcessSettings& s, const std::filesystem::path& folder,
                   std::unique_ptr<EmbeddedStores> opened, std::unique_ptr<base::BlockingPool> pool,
                   Models made, const base::Secret& owner_token)
    : settings(s),
      registry(std::move(made.registry)),
      query_pool(std::move(pool)),
      stores(std::move(opened)),
      ledger(*stores->database, base::system_clock(), s.ledger),
      models(std::move(made)),
      embedder(models.embedder
                   ? std::make_unique<gateway::EmbedGateway>(*models.embedder, counting, models.prices.get())
                   : nullptr),
      keys({.store = *stores->keys,
            .ring = ring,
            .clock = base::system_clock(),
            .data_folder = folder,
            .settings = s.keys}),
      readiness(folder),
      documents({.stores = *stores,
                 .embedder = embedder.get(),
                 .query_pool = *query_pool,
                 .ingest_pool = ingest_pool,
                 .metrics = counting,
                 .chat = &models.services->chat,
                 .router = &models.services->router,
                 .reranker = models.services->reranker.get()},
                s),
      chat({.answerer = documents.answerer,
            .conversations = *stores->conversations,
            .clock = base::system_clock(),
            .executor = loops.executor(kChatLoop)},
           s.chat),
      router(all_routes()),
      auth(s.server, owner_token),
      dispatcher(router, auth, s.server, counting),
      tasks(loops.executor(kIngestLoop)) {}

// One line a surface.
std::vector<server::Route> Root::State::all_routes() {
  std::vector<server::Route> routes;
  const auto add = [&](std::vector<server::Route> more) {
    std::ranges::move(more, std::back_inserter(routes));
  };
  add(server::rest_routes(rest_parts()));
  add(server::anthropic_routes(anthropic_parts()));
  add(server::bedrock_routes(bedrock_parts()));
  add(server::model_routes(lister()));
  add(server::openai_routes(openai_parts()));
  add(server::web_routes());
  return routes;
}

server::ListModels Root::State::lister() {
  return [this](const base::RequestContext& context) {
    return list_models(context, models.services->router, embedder.get(), *models.prices);
  };
}

server::AnthropicParts Root::State::anthropic_parts() {
  return {.chat = models.services->anthropic,
          .counter = models.services->tokens(),
          .json = {.depth = static_cast<std::size_t>(settings.server.max_json_depth)},
          .heartbeat = settings.server.heartbeat};
}

server::RestParts Root::State::rest_parts() {
  return {.intake = documents.ingester,
          .answerer = documents.answerer,
          .retriever = documents.retriever,
          .documents = *stores->documents,
          .chunks = *stores->chunks,
          .conversations = *stores->conversations,
          .chat = chat,
          .tools = tools,
          .keys = &keys,
          .clock = base::system_clock(),
          .version = version(),
          .fetch = [this](const base::RequestContext& context,
                          std::string url) { return fetch(*models.http, context, std::move(url)); },
          .models = lister(),
          .model = &models.services->chat,
          .ready =
              [this] {
                auto all =
                    readiness.look(embedder.get(), documents.reembedder.get(), trouble_with_answer_model());
                all.push_back(look_at_keys(auth.open(), *ring.keys()));
                all.push_back(look_at_prices(*models.prices));
                all.push_back(look_at_ledger(ledger));
                return all;
              },
          .metrics = settings.metrics.enabled ? [this] { return metrics.serialize(); }
                                              : std::function<std::string()>(),
          .settings = {.max_upload = settings.server.max_upload.count,
                       .upload_memory = settings.server.upload_memory.count,
                       .json_depth = static_cast<std::size_t>(settings.server.max_json_depth),
                       .heartbeat = settings.server.heartbeat,
                       .generate = settings.generate}};
}

server::BedrockParts Root::State::bedrock_parts() {
  return {.chat = models.services->bedrock,
          .native = models.services->native,
          .clock = base::system_clock(),
          .models = lister(),
          .json = {.depth = static_cast<std::size_t>(settings.server.max_json_depth)},
          .tokens = &models.services->tokens()};
}

server::OpenAiParts Root::State::openai_parts() {
  return {.chat = models.services->openai,
          .embedder =
              [this](const std::string& model, std::size_t dimensions) {
                return embedder_for_client(model, dimensions, embedder.get(), *models.services, counting,
                                           *models.prices);
              },
          .clock = base::system_clock(),
          .json_depth = static_cast<std::size_t>(settings.server.max_json_depth),
          .heartbeat = settings.server.heartbeat};
}

std::optional<std::string> Root::State::trouble_with_answer_model() const {
  const std::string& model = settings.answer.model;
  if (model.empty() || model == "extractive") return std::nullopt;
  const auto plan = models.services->gateway.attempts().plan(model);  // it may be an alias
  return plan ? std::string() : plan.error().message;
}

base::Result<void> Root::State::load_keys() {
  auth.add(std::make_unique<server::IssuedKeyAuthenticator>(
      ring, base::system_clock(),
      server::IssuedKeyAuthenticator::Limits{.body = settings.server.max_body.count,
                                             .memory = settings.server.signed_memory.count}));
  auth.close_when([this] { return ring.keys()->issued > 0; });
  return asio::co_spawn(loops.executor(kChatLoop),
                        keys.load(base::background_context(base::TenantId("default"))), asio::use_future)
      .get();
}

void Root::State::start() {
  models.services->ledger->open(ledger);
  if (documents.reembedder) {
    run_on(kIngestLoop, documents.reembedder->prepare());
    documents.reembedder->start(loops.executor(kIngestLoop));
  }
  documents.ingester.start(loops.executor(kIngestLoop));
  settling = std::jthread([this] {
    if (const auto settled = stores->settle(); !settled)
      base::log_error(base::background_context(base::TenantId("default")),
                      "tidying up after the start failed", settled.error());
  });
}

void Root::State::stop() {
  tasks.request_stop();
  run_on(kIngestLoop, tasks.join());
  run_on(kChatLoop, chat.stop());
  if (documents.reembedder) run_on(kIngestLoop, documents.reembedder->stop());
  run_on(kIngestLoop, documents.ingester.stop());
  if (settling.joinable()) settling.join();
  // What still hangs in a loop ends after the ledger does.
  models.services->ledger->close();
}

base::Awaitable<void> Root::State::take_in(std::filesystem::path folder, std::string collection,
                                           std::stop_token stop) {
  const auto context = base::background_context(base::TenantId("default"), stop);
  std::error_code failed;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, failed)) {
    if (stop.stop_requested()) co_return;
    if (!entry.is_regular_file(failed) || entry.path().extension() != ".md") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    rag::Submission submission;
    submission.bytes.assign(std::istreambuf_iterator<char>(file), {});
    submission.collection = collection;
    submission.source =
        (folder.filename() / std::filesystem::relative(entry.path(), folder, failed)).string();
    submission.content_type = "text/markdown";
    submission.file_name = entry.path().filename().string();
    const auto taken = co_await documents.ingester.submit(context, std::move(submission));
    if (!taken) base::log_error(context, "a page of the documentation was not taken in", taken.error());
  }
  if (failed)
    base::log(base::LogLevel::kWarn, "the folder could not be read",
              {{"folder", folder.string()}, {"reason", failed.message()}});
}

base::Result<std::unique_ptr<Root>> Root::open(const ProcessSettings& settings,
                                               const std::filesystem::path& folder,
                                               const base::Secret& owner_token) {
  CAPROCK_CHECK(settings.check());
  CAPROCK_TRY(auto models, make_models(settings));
  auto pool = std::make_unique<base::BlockingPool>(
      base::BlockingPool::Settings{.name = "query", .threads = cores() + 1, .queue = 1024});
  CAPROCK_TRY(auto stores, EmbeddedStores::open(folder, settings.database, settings.vectors, *pool));
  auto state = std::make_unique<State>(settings, folder, std::move(stores), std::move(pool),
                                       std::move(models), owner_token);
  CAPROCK_CHECK(state->load_keys());
  state->start();
  return std::unique_ptr<Root>(new Root(std::move(state)));
}

Root::Root(std::unique_ptr<State> state) : state_(std::move(state)) {}
Root::~Root() { state_->stop(); }

server::Dispatcher& Root::dispatcher() { return state_->dispatcher; }
bool Root::keys_issued() const { return state_->ring.keys()->issued > 0; }
base::MetricRegistry& Root::metrics() { return state_->counting; }
boost::asio::any_io_executor Root::executor() { return state_->loops.executor(kChatLoop); }

void Root::take_in_folder(const std::filesystem::path& folder, const std::string& collection) {
  state_->tasks.spawn("docs", [state = state_.get(), folder, collection](std::stop_token stop) {
    return state->take_in(folder, collection, stop);
  });
}

void Root::reload_prices() {
  if (const auto reloaded = state_->models.prices->reload(); !reloaded)
    base::log_error(base::background_context(base::TenantId("default")), "the last good prices stay in force",
                    reloaded.error());
  else
    base::log(base::LogLevel::kInfo, "the prices were read again");
}

std::string version() { return CAPROCK_VERSION; }

}  // namespace caprock::app
