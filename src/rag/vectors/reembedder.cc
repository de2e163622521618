#include "rag/vectors/reembedder.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "base/event.h"
#include "base/log.h"
#include "base/task_group.h"
#include "rag/vectors/gap_walk.h"
#include "rag/vectors/initial_choice.h"
#include "rag/vectors/vector_filler.h"

namespace caprock::rag {
namespace {

using base::Awaitable;
using base::RequestContext;
using base::Result;
using stores::CollectionKey;
using stores::SpaceKey;

constexpr std::chrono::seconds kSayEvery{30};
// Between two looks at whether the last query by the earlier model has ended.
constexpr std::chrono::milliseconds kQueryPoll{50};
constexpr std::chrono::hours kUntilAsked{24};

/// A collection as it was looked at.
struct Survey {
  CollectionKey collection;
  std::uint64_t chunks = 0;
  std::uint64_t missing = 0;
  bool replaces = false;  ///< it has vectors of other models, or is served by one
};

RequestContext context_of(const RequestContext& context, const CollectionKey& collection) {
  RequestContext own = context;
  own.principal.tenant = collection.tenant;
  return own;
}

}  // namespace

struct Reembedder::State {
  State(Parts p, Pace speed)
      : parts(p),
        pace(speed),
        model(p.models.configured().info()),
        filler({.documents = p.documents,
                .chunks = p.chunks,
                .vectors = p.vectors,
                .inventory = p.inventory,
                .embedder = p.models.configured()}),
        made(p.metrics.counter("caprock_reembedded_chunks_total",
                               "Passages that got their vector after they were stored.")),
        left(p.metrics.gauge("caprock_chunks_to_embed",
                             "Visible passages without a vector of the configured embedding model.")) {}

  // What exists only while it runs.
  struct Running {
    explicit Running(const boost::asio::any_io_executor& executor) : again(executor), tasks(executor) {}
    base::Event again;
    base::TaskGroup tasks;
  };

  Awaitable<void> run(std::stop_token stop);
  Awaitable<void> wait(std::chrono::milliseconds span, std::stop_token stop);
  Awaitable<Result<void>> probe(const RequestContext& context);
  Awaitable<Result<void>> round(const RequestContext& context);
  Awaitable<Result<std::vector<Survey>>> survey_all(const RequestContext& context);
  Awaitable<Result<void>> measure(const RequestContext& context, Survey& survey);
  Awaitable<Result<void>> complete(const RequestContext& context, Survey survey);
  Awaitable<Result<void>> go_over(const RequestContext& context, const Survey& survey);
  void tell_gap(const Survey& survey);
  void begin(const std::vector<Survey>& surveys);
  void advance(VectorFiller::Made step);
  void set_trouble(std::string trouble);

  const Parts parts;
  const Pace pace;
  const llm::EmbedderInfo model;
  VectorFiller filler;
  base::Counter& made;
  base::Gauge& left;
  std::chrono::steady_clock::time_point said;

  std::mutex mutex;  ///< the two below
  VectorProgress progress;
  std::unique_ptr<Running> running;
};

Awaitable<void> Reembedder::State::run(std::stop_token stop) {
  const auto context = base::background_context(base::TenantId("default"), stop);
  std::string told;
  co_await wait(pace.first_look, stop);
  while (!stop.stop_requested()) {
    Result<void> outcome;
    if (!told.empty()) outcome = co_await probe(context);
    if (outcome) outcome = co_await round(context);
    if (stop.stop_requested()) co_return;
    const std::string trouble = outcome ? "" : outcome.error().message;
    set_trouble(trouble);
    if (!outcome && trouble != told)
      base::log_error(context, "vectors could not be made; it is tried again", outcome.error());
    told = trouble;
    if (outcome) {
      (void)co_await running->again.wait(kUntilAsked);
    } else {
      co_await wait(pace.retry, stop);
    }
  }
}

/// The whole span, whoever asks meanwhile: a model that is out while a thousand documents come in is not
/// tried a thousand times.
Awaitable<void> Reembedder::State::wait(std::chrono::milliseconds span, std::stop_token stop) {
  const auto until = std::chrono::steady_clock::now() + span;
  while (!stop.stop_requested()) {
    const auto rest = until - std::chrono::steady_clock::now();
    if (rest <= rest.zero()) co_return;
    (void)co_await running->again.wait(rest);
  }
}

/// Whether the model is there again, before everything is looked at.
Awaitable<Result<void>> Reembedder::State::probe(const RequestContext& context) {
  const auto vector = co_await parts.models.configured().embed(context, std::vector<std::string>{"probe"},
                                                               llm::EmbedPurpose::kPassage);
  if (!vector) co_return base::failure(vector.error());
  co_return Result<void>();
}

/// Looks at all collections and completes them; one that fails does not keep the others from it.
Awaitable<Result<void>> Reembedder::State::round(const RequestContext& context) {
  CAPROCK_CO_TRY(std::vector<Survey> surveys, co_await survey_all(context));
  begin(surveys);
  // The small ones first: most collections are soon done with.
  std::ranges::sort(surveys, {}, &Survey::missing);
  Result<void> outcome;
  for (Survey& survey : surveys) {
    if (survey.missing == 0 && !survey.replaces) continue;
    CAPROCK_CO_CHECK(context.check());
    const RequestContext own = context_of(context, survey.collection);
    auto completed = co_await complete(own, std::move(survey));
    if (!completed && outcome) outcome = std::move(completed);
  }
  if (outcome) begin({});
  co_return outcome;
}

Awaitable<Result<std::vector<Survey>>> Reembedder::State::survey_all(const RequestContext& context) {
  CAPROCK_CO_TRY(const auto collections, co_await parts.documents.collections(context));
  CAPROCK_CO_TRY(const auto spaces, co_await parts.inventory.spaces(context));
  std::map<CollectionKey, bool> replaces;
  for (const CollectionKey& collection : collections) replaces[collection] = false;
  for (const SpaceKey& space : spaces)
    if (space.fingerprint != model.fingerprint) replaces[space.collection] = true;
  // Also when the last old vector has gone with its document.
  for (const CollectionKey& collection : parts.models.served_by_earlier()) replaces[collection] = true;
  std::vector<Survey> surveys;
  for (const auto& [collection, others] : replaces) {
    Survey survey{.collection = collection, .chunks = 0, .missing = 0, .replaces = others};
    const RequestContext own = context_of(context, collection);
    CAPROCK_CO_CHECK(co_await measure(own, survey));
    surveys.push_back(std::move(survey));
  }
  co_return surveys;
}

Awaitable<Result<void>> Reembedder::State::measure(const RequestContext& context, Survey& survey) {
  survey.chunks = survey.missing = 0;
  GapWalk walk(parts.documents, parts.inventory, {survey.collection, model.fingerprint});
  while (true) {
    CAPROCK_CO_CHECK(context.check());
    CAPROCK_CO_TRY(const auto step, co_await walk.next(context));
    if (!step) break;
    survey.chunks += step->chunks;
    survey.missing += step->missing;
  }
  tell_gap(survey);
  co_return Result<void>();
}

/// Fills a collection's gaps; without any left, it goes over to the configured model.
Awaitable<Result<void>> Reembedder::State::complete(const RequestContext& context, Survey survey) {
  if (survey.missing > 0) {
    auto each_step = [this, &survey](VectorFiller::Made step) {
      survey.missing -= std::min(survey.missing, step.vectors + step.gone);
      tell_gap(survey);
      advance(step);
    };
    CAPROCK_CO_CHECK(co_await filler.fill(context, survey.collection, std::move(each_step)));
    CAPROCK_CO_CHECK(co_await measure(context, survey));
  }
  // Documents that came in while the model was out: the next round finds them.
  if (survey.missing > 0)
    co_return base::failure(
        base::Error(base::ErrorKind::kUnavailable, "documents came in without vectors meanwhile"));
  if (!survey.replaces) co_return Result<void>();
  co_return co_await go_over(context, survey);
}

/// The one step in which queries change models; then the others' vectors go.
Awaitable<Result<void>> Reembedder::State::go_over(const RequestContext& context, const Survey& survey) {
  if (survey.chunks > 0) {
    // Reads the new vectors into memory first, so that no query waits for it.
    stores::VectorQuery first{.vector = std::vector<float>(model.dimension, 0), .k = 1, .filter = nullptr};
    const auto read =
        co_await parts.vectors.search(context, survey.collection, model.fingerprint, std::move(first));
    if (!read) co_return base::failure(read.error());
  }
  const std::weak_ptr<const void> queries = parts.models.serve_configured(survey.collection);
  while (!queries.expired()) {
    CAPROCK_CO_CHECK(context.check());
    co_await base::sleep_for(kQueryPoll);
  }
  // Looked up now: documents that came in have put into them until a moment ago.
  CAPROCK_CO_TRY(const auto spaces, co_await parts.inventory.spaces(context));
  for (const SpaceKey& space : spaces)
    if (space.collection == survey.collection && space.fingerprint != model.fingerprint)
      CAPROCK_CO_CHECK(co_await parts.inventory.drop(context, space));
  base::log(context, base::LogLevel::kInfo, "the new vectors serve and the old ones are removed",
            {{"collection", survey.collection.collection},
             {"model", model.fingerprint},
             {"passages", survey.chunks}});
  co_return Result<void>();
}

void Reembedder::State::tell_gap(const Survey& survey) {
  std::string gap;
  if (survey.missing > 0)
    gap = fmt::format("{} of {} passages have no vector of {} yet and are found by their words alone",
                      survey.missing, survey.chunks, model.name);
  parts.models.set_gap(survey.collection, std::move(gap));
}

void Reembedder::State::begin(const std::vector<Survey>& surveys) {
  const std::lock_guard lock(mutex);
  progress.total = progress.done = 0;
  bool replaces = false;
  for (const Survey& survey : surveys) {
    progress.total += survey.missing;
    replaces = replaces || (survey.missing > 0 && survey.replaces);
  }
  if (!replaces) progress.earlier.clear();
  left.set(static_cast<double>(progress.total));
}

void Reembedder::State::advance(VectorFiller::Made step) {
  made.add(static_cast<double>(step.vectors));
  VectorProgress now;
  {
    const std::lock_guard lock(mutex);
    progress.done = std::min(progress.total, progress.done + step.vectors + step.gone);
    progress.trouble.clear();
    now = progress;
  }
  left.set(static_cast<double>(now.total - now.done));
  const auto time = std::chrono::steady_clock::now();
  if (time - said < kSayEvery) return;
  said = time;
  base::log(base::LogLevel::kInfo, "vectors are being made",
            {{"model", model.fingerprint}, {"done", now.done}, {"of", now.total}});
}

void Reembedder::State::set_trouble(std::string trouble) {
  const std::lock_guard lock(mutex);
  progress.trouble = std::move(trouble);
}

Reembedder::Reembedder(Parts parts, Pace pace) : state_(std::make_unique<State>(parts, pace)) {}
Reembedder::~Reembedder() = default;

Awaitable<void> Reembedder::prepare() {
  const auto context = base::background_context(base::TenantId("default"));
  auto choice = co_await choose_serving_models(context, state_->parts.inventory, state_->parts.models);
  if (!choice) {
    base::log_error(context, "which models the stored vectors are of could not be read", choice.error());
    co_return;
  }
  const std::lock_guard lock(state_->mutex);
  state_->progress.total = choice->behind;  // until the first look, the best that is known
  state_->progress.earlier = std::move(choice->earlier);
}

void Reembedder::start(boost::asio::any_io_executor executor) {
  auto running = std::make_unique<State::Running>(executor);
  State::Running& r = *running;
  {
    const std::lock_guard lock(state_->mutex);
    state_->running = std::move(running);
  }
  r.tasks.spawn("reembed", [state = state_.get()](std::stop_token stop) { return state->run(stop); });
}

Awaitable<void> Reembedder::stop() {
  if (!state_->running) co_return;
  state_->running->tasks.request_stop();
  state_->running->again.signal();
  co_await state_->running->tasks.join();
  const std::lock_guard lock(state_->mutex);
  state_->running.reset();
}

std::shared_ptr<llm::Embedder> Reembedder::earlier_model(const CollectionKey& collection) const {
  auto models = state_->parts.models.choose(collection);
  return models.size() > 1 ? std::move(models.front().embedder) : nullptr;
}

void Reembedder::look_again() {
  const std::lock_guard lock(state_->mutex);
  if (state_->running) state_->running->again.signal();
}

bool Reembedder::is_in_work(const stores::DocumentId& document, std::uint32_t version) const {
  return state_->filler.is_in_work(document, version);
}

VectorProgress Reembedder::progress() const {
  const std::lock_guard lock(state_->mutex);
  return state_->progress;
}

}  // namespace caprock::rag
