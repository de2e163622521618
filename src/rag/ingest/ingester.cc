#include "rag/ingest/ingester.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/event.h"
#include "base/log.h"
#include "base/sha256.h"
#include "base/task_group.h"
#include "rag/ingest/byte_budget.h"
#include "rag/ingest/completions.h"
#include "rag/ingest/embed_batcher.h"
#include "rag/ingest/pipeline.h"

namespace caprock::rag {
namespace {

// Hashing and sniffing below this size cost less than a hop to a pool thread.
constexpr std::size_t kInlineBytes = 64U << 10;
constexpr std::uint32_t kGarbageBatch = 32;

bool is_final(const stores::Document& document) {
  return document.status == stores::DocumentStatus::kIndexed ||
         document.status == stores::DocumentStatus::kFailed;
}

struct Inspected {
  std::string sha256;
  std::string type;
};

base::Result<Inspected> inspect(const ParseRequest& request) {
  if (request.bytes.empty()) return base::failure(base::invalid_argument("content", "the document is empty"));
  CAPROCK_TRY(std::string type, detect_type(request));
  return Inspected{.sha256 = base::sha256_hex(request.bytes), .type = std::move(type)};
}

}  // namespace

base::SettingsSection IngestSettings::describe() {
  return {.name = "ingest",
          .help = "How documents are taken in.",
          .settings = {{.key = "in_flight",
                        .target = &in_flight,
                        .help = "Documents in work at once.",
                        .min = 1,
                        .max = 4096},
                       {.key = "memory",
                        .target = &memory,
                        .help = "Bytes of originals in work at once; a larger document goes alone.",
                        .min = 1 << 20},
                       {.key = "lease",
                        .target = &lease,
                        .help = "How long a worker may be silent before another takes its document over.",
                        .min = 5000,
                        .max = 3'600'000}}};
}

struct Ingester::State {
  State(Parts p, IngestSettings i, ParseSettings pa, ChunkSettings c)
      : parts(p), settings(i), parse(std::move(pa)), chunk(std::move(c)), budget(settings.memory.count) {}

  // What exists only while the workers run.
  struct Running {
    Running(State& state, const boost::asio::any_io_executor& executor)
        : wake(executor), sweep(executor), freed(executor), leases(executor), tasks(executor) {
      if (state.parts.embedder != nullptr) batcher.emplace(*state.parts.embedder, executor);
      pipeline.emplace(state.parts, state.settings, state.parse, state.chunk, batcher ? &*batcher : nullptr);
    }
    base::Event wake;
    base::Event sweep;
    base::Event freed;
    base::Event leases;
    std::optional<EmbedBatcher> batcher;
    std::optional<Pipeline> pipeline;
    std::size_t in_work = 0;
    base::TaskGroup tasks;
  };

  base::Awaitable<void> claim_loop(std::stop_token stop);
  base::Awaitable<void> sweep_loop(std::stop_token stop);
  base::Awaitable<void> lease_loop(std::stop_token stop);
  base::Awaitable<void> work(stores::IngestJob job, std::stop_token stop);

  Parts parts;
  IngestSettings settings;
  ParseSettings parse;
  ChunkSettings chunk;
  ByteBudget budget;
  Completions completions;
  std::mutex running_mutex;  ///< submit() wakes the workers from any thread
  std::unique_ptr<Running> running;

  void wake() {
    const std::lock_guard lock(running_mutex);
    if (running) running->wake.signal();
  }
};

Ingester::Ingester(Parts parts, IngestSettings settings, ParseSettings parse, ChunkSettings chunk)
    : state_(std::make_unique<State>(parts, settings, std::move(parse), std::move(chunk))) {}

Ingester::~Ingester() = default;

base::Awaitable<base::Result<stores::Accepted>> Ingester::submit(const base::RequestContext& context,
                                                                 Submission submission) {
  ParseRequest request{.bytes = std::move(submission.bytes),
                       .declared_type = std::move(submission.content_type),
                       .file_name = std::move(submission.file_name)};
  base::Result<Inspected> inspected;
  if (request.bytes.size() <= kInlineBytes) {
    inspected = inspect(request);
  } else {
    auto work = [&] { return inspect(request); };
    inspected = co_await state_->parts.pool.run(context, work);
  }
  if (!inspected) co_return base::failure(std::move(inspected).error());

  const base::TenantId tenant = context.principal.tenant;
  stores::NewDocument document{
      .collection = {tenant, submission.collection},
      .source = submission.source.empty() ? "sha256:" + inspected->sha256 : std::move(submission.source),
      .title = std::move(submission.title),
      .content_type = std::move(inspected->type),
      .metadata = std::move(submission.metadata),
      .content_sha256 = std::move(inspected->sha256),
      .original_key = tenant.str() + "/originals/" + base::new_uuid(),
      .size_bytes = request.bytes.size()};
  const std::string key = document.original_key;
  CAPROCK_CO_CHECK(co_await state_->parts.blobs.put(context, key, std::move(request.bytes)));
  auto accepted =
      co_await state_->parts.documents.accept(context, std::move(document), std::move(submission.once));
  // Nobody refers to the bytes when the document was refused, unchanged, or accepted by an earlier request.
  // The document's own original_key says nothing: while a replacement waits, it is that of the version
  // before.
  if (!accepted || !accepted->original_kept) (void)co_await state_->parts.blobs.remove(context, key);
  if (accepted) state_->wake();
  co_return accepted;
}

base::Awaitable<base::Result<stores::Document>> Ingester::wait(const base::RequestContext& context,
                                                               stores::DocumentId id) {
  const auto waiter = state_->completions.watch(id, co_await boost::asio::this_coro::executor);
  base::Result<stores::Document> document;
  while (true) {
    document = co_await state_->parts.documents.get(context, id);
    if (!document || is_final(*document)) break;
    if (auto alive = context.check(); !alive) {
      document = base::failure(std::move(alive).error());
      break;
    }
    (void)co_await waiter->wait(state_->settings.poll);
  }
  state_->completions.unwatch(id, waiter);
  co_return document;
}

base::Awaitable<base::Result<std::string>> Ingester::text(const base::RequestContext& context,
                                                          const stores::Document& document) {
  if (document.version == 0)
    co_return base::failure(base::Error(base::ErrorKind::kConflict, "the document has not been indexed yet"));
  const std::string key = text_key(document.collection.tenant, document.id, document.version);
  co_return co_await state_->parts.blobs.get(context, key);
}

base::Awaitable<base::Result<std::string>> Ingester::original(const base::RequestContext& context,
                                                              const stores::Document& document) {
  co_return co_await state_->parts.blobs.get(context, document.original_key);
}

void Ingester::start(boost::asio::any_io_executor executor) {
  auto running = std::make_unique<State::Running>(*state_, executor);
  State::Running& r = *running;
  {
    const std::lock_guard lock(state_->running_mutex);
    state_->running = std::move(running);
  }
  if (r.batcher) r.batcher->start(r.tasks);
  r.tasks.spawn("claim", [state = state_.get()](std::stop_token stop) { return state->claim_loop(stop); });
  r.tasks.spawn("leases", [state = state_.get()](std::stop_token stop) { return state->lease_loop(stop); });
  r.tasks.spawn("sweep", [state = state_.get()](std::stop_token stop) { return state->sweep_loop(stop); });
}

base::Awaitable<void> Ingester::stop() {
  if (!state_->running) co_return;
  state_->running->tasks.request_stop();
  state_->running->wake.signal();
  state_->running->sweep.signal();
  state_->running->freed.signal();
  state_->running->leases.signal();
  if (state_->running->batcher) state_->running->batcher->wake();
  co_await state_->running->tasks.join();
  const std::lock_guard lock(state_->running_mutex);
  state_->running.reset();
}

base::Awaitable<void> Ingester::State::claim_loop(std::stop_token stop) {
  const auto context = base::background_context(base::TenantId("default"), stop);
  const auto lease_seconds = std::chrono::duration_cast<std::chrono::seconds>(settings.lease);
  const auto most = static_cast<std::size_t>(settings.in_flight);
  while (!stop.stop_requested()) {
    if (running->in_work >= most) {
      (void)co_await running->freed.wait(settings.poll);
      continue;
    }
    auto jobs = co_await parts.documents.claim(context, static_cast<std::uint32_t>(most - running->in_work),
                                               lease_seconds);
    if (!jobs && jobs.error().kind != base::ErrorKind::kCancelled)
      base::log_error(context, "documents to take in could not be claimed", jobs.error());
    if (!jobs || jobs->empty()) {
      (void)co_await running->wake.wait(settings.poll);
      continue;
    }
    for (stores::IngestJob& job : *jobs) {
      ++running->in_work;
      running->tasks.spawn("ingest",
                           [this, job = std::move(job)](std::stop_token token) { return work(job, token); });
    }
  }
}

base::Awaitable<void> Ingester::State::work(stores::IngestJob job, std::stop_token stop) {
  {
    const auto share = co_await budget.take(job.document.size_bytes);
    const auto id = job.document.id;
    const bool replaces = job.document.version != 0;
    const auto context = base::background_context(job.document.collection.tenant, stop);
    co_await running->pipeline->run(context, std::move(job));
    completions.completed(id);
    if (replaces) running->sweep.signal();
  }
  --running->in_work;
  running->freed.signal();
}

base::Awaitable<void> Ingester::State::lease_loop(std::stop_token stop) {
  const auto context = base::background_context(base::TenantId("default"), stop);
  while (!stop.stop_requested()) {
    (void)co_await running->leases.wait(settings.lease / 3);
    if (!stop.stop_requested()) co_await running->pipeline->renew_leases(context);
  }
}

base::Awaitable<void> Ingester::State::sweep_loop(std::stop_token stop) {
  const auto context = base::background_context(base::TenantId("default"), stop);
  while (!stop.stop_requested()) {
    auto found = co_await parts.documents.garbage(context, kGarbageBatch);
    bool more = found && found->size() == kGarbageBatch;
    if (found)
      for (stores::Garbage& garbage : *found) {
        // Comes again at the next look.
        if (parts.reembedder != nullptr && parts.reembedder->is_in_work(garbage.document, garbage.version))
          continue;
        const auto tenant = base::background_context(garbage.collection.tenant, stop);
        const auto collected = co_await running->pipeline->collect(tenant, std::move(garbage));
        if (collected || collected.error().kind == base::ErrorKind::kCancelled) continue;
        base::log_error(tenant, "an old version could not be removed yet", collected.error());
        more = false;
      }
    if (!more) (void)co_await running->sweep.wait(settings.poll);
  }
}

}  // namespace caprock::rag
