#include "providers/local/local_embedder.h"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>

#include "base/all_of.h"
#include "base/blocking_pool.h"
#include "base/utf8.h"
#include "providers/local/batch_plan.h"
#include "providers/local/install_dirs.h"
#include "providers/local/loaded_model.h"

namespace caprock::providers {
namespace {

using base::failure;
using base::Result;
using llm::EmbedPurpose;

/// Tokens in a batch, padding included: 16 texts of 128. More are no faster (4 to 32 texts took the same
/// processor time a text) and take more memory, and calls wait longer for their turn.
constexpr std::size_t kPassageTokens = 2048;
/// The same where somebody waits: a batch for every session, and another's question comes in between.
constexpr std::size_t kQueryTokens = 512;
/// Threads that share one question when nobody else asks. They meet after every layer: more are not worth it.
constexpr int kQueryThreads = 2;
/// How much passages yield to everything else in the process (nice(2)).
constexpr int kPassageNiceness = 10;

LoadedModel::Options model_options(const LocalEmbedderSettings& settings, const ModelSpec& spec) {
  LoadedModel::Options options;
  options.spec = spec;
  options.library_dir = settings.library_dir;
  options.model_dir = settings.models_dir;
  if (options.library_dir.empty()) options.library_dir = find_install_dir(own_binary(), "lib/caprock");
  if (options.model_dir.empty()) options.model_dir = find_install_dir(own_binary(), "share/caprock/models");
  options.model_dir /= spec.key;
  options.variant = settings.variant;
  options.max_tokens = spec.max_tokens;
  if (settings.max_tokens > 0)
    options.max_tokens =
        std::clamp(static_cast<std::size_t>(settings.max_tokens), kMarks + 1, spec.max_tokens);
  return options;
}

/// Loads the model once, whoever asks first; a failure is kept, for what is missing stays missing.
class ModelHolder {
 public:
  explicit ModelHolder(LoadedModel::Options options) : options_(std::move(options)) {}

  Result<const LoadedModel*> get() {
    const std::lock_guard lock(mutex_);
    if (!loaded_) loaded_.emplace(LoadedModel::load(options_));
    if (!*loaded_) return failure(loaded_->error());
    return (*loaded_)->get();
  }
  const LoadedModel::Options& options() const { return options_; }

 private:
  const LoadedModel::Options options_;
  std::mutex mutex_;
  std::optional<Result<std::unique_ptr<LoadedModel>>> loaded_;
};

/// One call's texts on their way through a lane. Batches run side by side; each writes rows of its own.
struct Work {
  std::vector<std::vector<std::int32_t>> tokens;
  std::vector<Batch> batches;
  std::atomic<std::size_t> next = 0;
  llm::Embeddings out;
};

/// Threads that take batches through the model, each with a session of its own while it does. Every session
/// compiles the model anew (some 25 MB): requests that share a compiled model hand their work to threads of
/// the engine, which doubles the time of a short question.
class Lane {
 public:
  struct Settings {
    std::string name;
    std::size_t queue;
    int sessions;              ///< and threads that run them
    int threads;               ///< of one session
    int lone_threads;          ///< of the session that is used when no other is: at least `threads`
    int niceness;              ///< of the lane's threads, and so of the engine's that they start
    bool warm;                 ///< prepares for single short texts when it opens
    std::size_t batch_tokens;  ///< of one batch, padding included
  };
  Lane(const Settings& settings, ModelHolder& model)
      : settings_(settings),
        model_(model),
        pool_({.name = settings.name,
               .threads = static_cast<std::size_t>(settings.sessions),
               .queue = settings.queue}) {}

  base::BlockingPool& pool() { return pool_; }
  std::size_t sessions() const { return static_cast<std::size_t>(settings_.sessions); }

  // On threads of the lane.

  /// Makes ids of the texts and plans their batches.
  Result<void> prepare(const std::vector<std::string>& texts, EmbedPurpose purpose, Work& work) {
    CAPROCK_CHECK(open());
    std::vector<std::size_t> lengths;
    for (const std::string& text : texts) {
      work.tokens.push_back(loaded_->encode(text, purpose));
      const std::size_t length = work.tokens.back().size();
      lengths.push_back(length > kMarks ? length : 0);
      work.out.usage.input_tokens += static_cast<std::int64_t>(length);
    }
    work.batches = plan_batches(lengths, settings_.batch_tokens);
    work.out.dimension = dimension_;
    work.out.values.assign(texts.size() * dimension_, 0);
    return {};
  }

  /// Takes the next batch through the model; false when there was none.
  Result<bool> step(Work& work) {
    const std::size_t next = work.next++;
    if (next >= work.batches.size()) return false;
    CAPROCK_TRY(Seat seat, take_seat());
    auto ran = run(*seat.session, work, work.batches[next]);
    give_back(std::move(seat));
    CAPROCK_CHECK(std::move(ran));
    return true;
  }

  Result<void> open() {
    yield_to_others();
    const std::lock_guard lock(mutex_);
    if (dimension_ != 0) return {};
    CAPROCK_TRY(loaded_, model_.get());
    CAPROCK_TRY(Session session, open_session(settings_.lone_threads));
    dimension_ = session->dimension();
    lone_.push_back(std::move(session));
    return {};
  }

 private:
  using Session = std::unique_ptr<EngineSession>;

  void yield_to_others() const {
    thread_local bool done = false;
    if (done || settings_.niceness == 0) return;
    ::setpriority(PRIO_PROCESS, 0, settings_.niceness);  // of this thread only, on Linux
    done = true;
  }

  /// A session in use.
  struct Seat {
    Session session;
    bool lone = false;
  };

  Result<Session> open_session(int threads) const {
    CAPROCK_TRY(Session session, loaded_->open_session(threads));
    CAPROCK_CHECK(warm_up(*session));
    return session;
  }

  /// Who comes alone takes all cores; who comes beside or before another takes a session of few threads.
  /// There are as many of those as ran side by side so far: a lane that nobody hurries has none.
  Result<Seat> take_seat() {
    Seat seat;
    {
      const std::lock_guard lock(mutex_);
      const bool alone = running_++ == 0 && (settings_.sessions == 1 || pool_.queued() == 0);
      seat.lone = alone && !lone_.empty();
      std::vector<Session>& idle = seat.lone ? lone_ : idle_;
      if (!idle.empty()) {
        seat.session = std::move(idle.back());
        idle.pop_back();
        return seat;
      }
    }
    auto opened = open_session(settings_.threads);
    if (!opened) {
      const std::lock_guard lock(mutex_);
      --running_;
      return base::failure(std::move(opened).error());
    }
    seat.session = std::move(*opened);
    return seat;
  }
  void give_back(Seat seat) {
    const std::lock_guard lock(mutex_);
    --running_;
    (seat.lone ? lone_ : idle_).push_back(std::move(seat.session));
  }

  /// The engine takes some 10 ms to prepare for a shape; those of single short queries should not wait for
  /// it.
  Result<void> warm_up(EngineSession& session) const {
    constexpr std::size_t kLongestWarm = 32;
    std::vector<float> vector(session.dimension());
    for (std::size_t length = padded_length(1); settings_.warm && length <= kLongestWarm;
         length = padded_length(length + 1)) {
      const PaddedBatch blank{.ids = std::vector<std::int32_t>(length, loaded_->tokenizer().padding()),
                              .mask = std::vector<std::int32_t>(length, 1)};
      CAPROCK_CHECK(session.run(blank, 1, length, vector));
    }
    return {};
  }

  Result<void> run(EngineSession& session, Work& work, const Batch& batch) const {
    std::vector<float> vectors(batch.texts.size() * dimension_);
    const PaddedBatch padded = pad(batch, work.tokens, loaded_->tokenizer().padding());
    CAPROCK_CHECK(session.run(padded, batch.texts.size(), batch.length, vectors));
    for (std::size_t row = 0; row < batch.texts.size(); ++row) {
      const auto vector = std::span(vectors).subspan(row * dimension_, dimension_);
      normalise(vector);
      std::ranges::copy(vector,
                        work.out.values.begin() + static_cast<std::ptrdiff_t>(batch.texts[row] * dimension_));
    }
    return {};
  }

  const Settings settings_;
  ModelHolder& model_;
  std::mutex mutex_;  ///< loaded_ and dimension_ until they are there, and what follows
  const LoadedModel* loaded_ = nullptr;
  std::size_t dimension_ = 0;
  int running_ = 0;
  std::vector<Session> lone_;  ///< the one, unless it is in use
  std::vector<Session> idle_;
  base::BlockingPool pool_;  ///< last: its threads use the above
};

/// Back to the queue after every batch: calls take turns, and the pool looks at deadline and cancellation.
base::Awaitable<Result<void>> run_batches(Lane& lane, const base::RequestContext& context, Work& work) {
  for (bool more = true; more;) {
    CAPROCK_CO_TRY(more, co_await lane.pool().run(context, [&] { return lane.step(work); }));
  }
  co_return Result<void>();
}

Result<void> check_texts(const std::vector<std::string>& texts) {
  for (std::size_t i = 0; i < texts.size(); ++i)
    if (!base::is_valid_utf8(texts[i]))
      return failure(base::invalid_argument("texts[" + std::to_string(i) + "]", "the text is not UTF-8"));
  return {};
}

int thread_count(const LocalEmbedderSettings& settings) {
  if (settings.threads > 0) return static_cast<int>(settings.threads);
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

}  // namespace

struct LocalEmbedder::State {
  State(const LocalEmbedderSettings& settings, const ModelSpec& model_spec)
      : spec(model_spec),
        model(model_options(settings, model_spec)),
        queries({.name = "embed-query",
                 .queue = static_cast<std::size_t>(settings.queue),
                 .sessions = thread_count(settings),
                 .threads = 1,
                 .lone_threads = std::min(thread_count(settings), kQueryThreads),
                 .niceness = 0,
                 .warm = true,
                 .batch_tokens = kQueryTokens},
                model),
        passages({.name = "embed-passage",
                  .queue = static_cast<std::size_t>(settings.queue),
                  .sessions = 1,
                  .threads = thread_count(settings),
                  .lone_threads = thread_count(settings),
                  .niceness = kPassageNiceness,
                  .warm = false,
                  .batch_tokens = kPassageTokens},
                 model) {}

  ModelSpec spec;
  ModelHolder model;
  Lane queries;
  Lane passages;
};

Result<std::unique_ptr<LocalEmbedder>> LocalEmbedder::make(const LocalEmbedderSettings& settings) {
  CAPROCK_TRY(const ModelSpec spec, find_model(settings.model));
  return std::unique_ptr<LocalEmbedder>(new LocalEmbedder(std::make_unique<State>(settings, spec)));
}

std::unique_ptr<LocalEmbedder> LocalEmbedder::make_for(const std::string& fingerprint,
                                                       LocalEmbedderSettings settings) {
  const auto spec = find_model_of(fingerprint);
  if (!spec) return nullptr;
  settings.variant = "auto";  // what was chosen is for the configured model
  return std::unique_ptr<LocalEmbedder>(new LocalEmbedder(std::make_unique<State>(settings, *spec)));
}

LocalEmbedder::LocalEmbedder(std::unique_ptr<State> state) : state_(std::move(state)) {}
LocalEmbedder::~LocalEmbedder() = default;

llm::EmbedderInfo LocalEmbedder::info() const {
  return {.fingerprint = std::string(state_->spec.fingerprint),
          .name = std::string(state_->spec.name),
          .dimension = state_->spec.dimension,
          .max_tokens = state_->model.options().max_tokens,
          .batch = 64};
}

base::Awaitable<Result<llm::Embeddings>> LocalEmbedder::embed(const base::RequestContext& context,
                                                              std::vector<std::string> texts,
                                                              EmbedPurpose purpose) {
  CAPROCK_CO_CHECK(check_texts(texts));
  Lane& lane = purpose == EmbedPurpose::kPassage ? state_->passages : state_->queries;
  Work work;
  // A single text is done in one visit to the lane.
  CAPROCK_CO_CHECK(co_await lane.pool().run(context, [&]() -> Result<void> {
    CAPROCK_CHECK(lane.prepare(texts, purpose, work));
    CAPROCK_CHECK(lane.step(work));
    return {};
  }));
  if (work.batches.size() > 1) {
    std::vector<base::Awaitable<Result<void>>> visitors;
    for (std::size_t i = 0; i < std::min(lane.sessions(), work.batches.size() - 1); ++i)
      visitors.push_back(run_batches(lane, context, work));
    CAPROCK_CO_CHECK(co_await base::all_of(std::move(visitors)));
  }
  co_return std::move(work.out);
}

base::Awaitable<Result<std::string>> LocalEmbedder::load(const base::RequestContext& context) {
  State& state = *state_;
  co_return co_await state.queries.pool().run(context, [&state]() -> Result<std::string> {
    CAPROCK_CHECK(state.queries.open());
    CAPROCK_TRY(const LoadedModel* model, state.model.get());
    return std::string(model->variant().name);
  });
}

}  // namespace caprock::providers
