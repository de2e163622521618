#include "providers/local/local_embedder.h"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "base/all_of.h"
#include "base/blocking_pool.h"
#include "base/utf8.h"
#include "providers/local/batch_queue.h"
#include "providers/local/engine_library.h"
#include "providers/local/install_dirs.h"
#include "providers/local/loaded_model.h"

namespace caprock::providers {
namespace {

using base::failure;
using base::Result;
using llm::EmbedPurpose;

/// Tokens in a batch of passages, padding included. More are no faster (4 to 32 texts took the same processor
/// time a text) and take more memory, and calls wait longer for their turn.
constexpr std::size_t kPassageTokens = 2048;
/// The same where somebody waits: another's question comes in between.
constexpr std::size_t kQueryTokens = 512;
/// And where nothing is padded: texts of 6 tokens together are hardly cheaper than one by one, but do not
/// meet at the queue as often.
constexpr std::size_t kUnpaddedTokens = 64;
/// Questions that may be at the model at a time. Their threads only wait, most of the time.
constexpr std::size_t kQueryVisitors = 8;
/// Threads that share one batch of questions. They meet after every layer: more are not worth it.
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

/// Sessions that nobody computes with. Thread safe.
class IdleSessions {
 public:
  std::unique_ptr<Session> take() {
    std::unique_lock lock(mutex_);
    one_is_back_.wait(lock, [this] { return !idle_.empty(); });
    auto session = std::move(idle_.back());
    idle_.pop_back();
    return session;
  }
  void give(std::unique_ptr<Session> session) {
    {
      const std::lock_guard lock(mutex_);
      idle_.push_back(std::move(session));  // the last used is the next: its memory is still in the cache
    }
    one_is_back_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable one_is_back_;
  std::vector<std::unique_ptr<Session>> idle_;
};

/// Sessions of the model, and the threads that bring them texts. A thread that has a session computes for
/// itself and for others whose texts fit its batch; those often find theirs done.
class Lane {
 public:
  struct Settings {
    std::string name;
    std::size_t queue;
    std::size_t visitors;       ///< threads that bring texts: as many calls share batches
    int threads;                ///< that compute: one a session, or all of them one batch
    int engine_threads;         ///< the most that one batch is spread over
    int niceness;               ///< of the lane's threads, and so of the engine's that they start
    bool warm;                  ///< prepares for short texts when it opens
    std::size_t padded_tokens;  ///< in a batch that is padded
    bool powers_of_two;         ///< BatchQueue::Limits
  };
  Lane(const Settings& settings, ModelHolder& model)
      : settings_(settings),
        model_(model),
        pool_({.name = settings.name, .threads = settings.visitors, .queue = settings.queue}) {}

  base::BlockingPool& pool() { return pool_; }
  void drop(const EmbedWork& work) { waiting_.drop(work); }

  // On threads of the lane.

  /// Makes ids of the texts, and lets them wait for their batch.
  Result<void> push(const std::vector<std::string>& texts, EmbedPurpose purpose,
                    const std::shared_ptr<EmbedWork>& work) {
    CAPROCK_CHECK(open());
    for (const std::string& text : texts) {
      std::vector<std::int32_t> tokens = loaded_->encode(text, purpose);
      work->out.usage.input_tokens += static_cast<std::int64_t>(tokens.size());
      if (tokens.size() <= kMarks) tokens.clear();
      work->tokens.push_back(std::move(tokens));
    }
    work->out.dimension = dimension_;
    work->out.values.assign(texts.size() * dimension_, 0);
    waiting_.push(work);
    return {};
  }

  /// Takes a batch through the model unless others did it already. True when texts of the call are left.
  Result<bool> step(const EmbedWork& work) {
    {
      std::unique_ptr<Session> session = idle_.take();
      if (const BatchQueue::Batch batch = waiting_.next(work, limits_); !batch.empty()) run(*session, batch);
      idle_.give(std::move(session));
    }
    if (!waiting_.wait(work)) return true;
    CAPROCK_CHECK(work.outcome);
    return false;
  }

  /// Steps of one call that are worth doing side by side.
  std::size_t side_by_side(std::size_t texts) const { return std::min(sessions_, texts); }

  Result<void> open() {
    yield_to_others();
    if (opened_.load(std::memory_order_acquire)) return {};
    const std::lock_guard turn(opening_);
    if (opened_.load(std::memory_order_relaxed)) return {};
    CAPROCK_TRY(loaded_, model_.get());
    const bool alone = loaded_->one_thread_a_session();
    const auto sessions = static_cast<std::size_t>(alone ? settings_.threads : 1);
    for (; sessions_ < sessions; ++sessions_) {
      CAPROCK_TRY(auto session, loaded_->open_session(std::min(settings_.threads, settings_.engine_threads)));
      if (settings_.warm && session->pads()) CAPROCK_CHECK(warm_up(*session));
      dimension_ = session->dimension();
      limits_ = {.tokens = session->pads() ? settings_.padded_tokens : kUnpaddedTokens,
                 .padded = session->pads(),
                 .powers_of_two = session->pads() && settings_.powers_of_two};
      idle_.give(std::move(session));
    }
    opened_.store(true, std::memory_order_release);
    return {};
  }

 private:
  void yield_to_others() const {
    thread_local bool done = false;
    if (done || settings_.niceness == 0) return;
    ::setpriority(PRIO_PROCESS, 0, settings_.niceness);  // of this thread only, on Linux
    done = true;
  }

  /// The engine takes some 10 ms to prepare for a shape; those of single short queries should not wait for
  /// it.
  Result<void> warm_up(Session& session) const {
    constexpr std::size_t kLongestWarm = 32;
    std::vector<float> vector(session.dimension());
    for (std::size_t length = padded_length(1); length <= kLongestWarm; length = padded_length(length + 1)) {
      const std::vector<std::int32_t> blank(length, loaded_->tokenizer().padding());
      const std::vector<std::int32_t>* const alone[] = {&blank};
      CAPROCK_CHECK(session.run(alone, vector));
    }
    return {};
  }

  void run(Session& session, const BatchQueue::Batch& batch) {
    std::vector<const std::vector<std::int32_t>*> texts;
    for (const BatchQueue::Text& text : batch) texts.push_back(&text.work->tokens[text.index]);
    std::vector<float> vectors(texts.size() * dimension_);
    if (auto ran = session.run(texts, vectors); !ran) return waiting_.fail(batch, ran.error());
    waiting_.deliver(batch, vectors);
  }

  const Settings settings_;
  ModelHolder& model_;
  std::mutex opening_;
  std::atomic<bool> opened_ = false;
  // Set by open(), constant afterwards:
  const LoadedModel* loaded_ = nullptr;
  std::size_t sessions_ = 0;
  std::size_t dimension_ = 0;
  BatchQueue::Limits limits_{};

  IdleSessions idle_;
  BatchQueue waiting_;
  base::BlockingPool pool_;  ///< last: its threads use the above
};

Result<void> check_texts(const std::vector<std::string>& texts) {
  for (std::size_t i = 0; i < texts.size(); ++i)
    if (!base::is_valid_utf8(texts[i]))
      return failure(base::invalid_argument("texts[" + std::to_string(i) + "]", "the text is not UTF-8"));
  return {};
}

/// Back to the lane's queue after every batch: calls take turns, and the pool looks at deadline and
/// cancellation.
base::Awaitable<Result<void>> step_to_the_end(Lane& lane, base::RequestContext context,
                                              std::shared_ptr<EmbedWork> work) {
  bool more = true;
  while (more) {
    CAPROCK_CO_TRY(more, co_await lane.pool().run(context, [&] { return lane.step(*work); }));
  }
  co_return Result<void>();
}

base::Awaitable<Result<void>> compute(Lane& lane, const base::RequestContext& context,
                                      const std::shared_ptr<EmbedWork>& work) {
  const std::size_t count = lane.side_by_side(work->tokens.size());
  if (count <= 1) co_return co_await step_to_the_end(lane, context, work);
  std::vector<base::Awaitable<Result<void>>> parts;
  parts.reserve(count);
  for (std::size_t i = 0; i < count; ++i) parts.push_back(step_to_the_end(lane, context, work));
  co_return co_await base::all_of(std::move(parts));
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
                 .visitors = kQueryVisitors,
                 .threads = thread_count(settings),
                 .engine_threads = kQueryThreads,
                 .niceness = 0,
                 .warm = true,
                 .padded_tokens = kQueryTokens,
                 .powers_of_two = true},
                model),
        passages({.name = "embed-passage",
                  .queue = static_cast<std::size_t>(settings.queue),
                  .visitors = static_cast<std::size_t>(thread_count(settings)),
                  .threads = thread_count(settings),
                  .engine_threads = thread_count(settings),
                  .niceness = kPassageNiceness,
                  .warm = false,
                  .padded_tokens = kPassageTokens,
                  .powers_of_two = false},
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
  const auto work = std::make_shared<EmbedWork>();
  bool more = true;
  auto outcome = co_await lane.pool().run(context, [&]() -> Result<void> {
    CAPROCK_CHECK(lane.push(texts, purpose, work));
    CAPROCK_TRY(more, lane.step(*work));
    return {};
  });
  if (outcome && more) outcome = co_await compute(lane, context, work);
  if (!outcome) {
    lane.drop(*work);
    co_return failure(std::move(outcome).error());
  }
  co_return std::move(work->out);
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
