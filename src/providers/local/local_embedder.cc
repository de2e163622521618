#include "providers/local/local_embedder.h"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "base/blocking_pool.h"
#include "base/utf8.h"
#include "providers/local/batch_queue.h"
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
/// The same where somebody waits: another's question comes in between.
constexpr std::size_t kQueryTokens = 512;
/// Questions that may share a batch. Their threads only wait, most of the time.
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

/// A session of the engine, and the threads that bring it texts. One of them computes, for itself and for
/// others whose texts are of the same length; the others wait and often find theirs done.
class Lane {
 public:
  struct Settings {
    std::string name;
    std::size_t queue;
    std::size_t visitors;  ///< threads that bring texts: as many calls share a batch
    int threads;           ///< that one batch is spread over
    int niceness;          ///< of the lane's threads, and so of the engine's that they start
    bool warm;             ///< prepares for short texts when it opens
    BatchQueue::Limits batch;
  };
  Lane(const Settings& settings, ModelHolder& model)
      : settings_(settings),
        model_(model),
        waiting_(settings.batch),
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
    work->out.dimension = session_->dimension();
    work->out.values.assign(texts.size() * work->out.dimension, 0);
    waiting_.push(work);
    return {};
  }

  /// Takes a batch through the model unless others did it already. True when texts of the call are left.
  Result<bool> step(const EmbedWork& work) {
    {
      const std::lock_guard turn(session_mutex_);
      if (const BatchQueue::Batch batch = waiting_.next(work); !batch.texts.empty()) run(batch);
    }
    if (!waiting_.done(work)) return true;
    CAPROCK_CHECK(work.outcome);
    return false;
  }

  Result<void> open() {
    yield_to_others();
    if (opened_.load(std::memory_order_acquire)) return {};  // while others compute
    const std::lock_guard turn(session_mutex_);
    if (session_) return {};
    CAPROCK_TRY(loaded_, model_.get());
    CAPROCK_TRY(auto session, loaded_->open_session(settings_.threads));
    CAPROCK_CHECK(warm_up(*session));
    session_ = std::move(session);
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

  void run(const BatchQueue::Batch& batch) {
    std::vector<const std::vector<std::int32_t>*> texts;
    for (const BatchQueue::Text& text : batch.texts) texts.push_back(&text.work->tokens[text.index]);
    std::vector<float> vectors(texts.size() * session_->dimension());
    const PaddedBatch padded = pad(texts, batch.length, loaded_->tokenizer().padding());
    if (auto ran = session_->run(padded, texts.size(), batch.length, vectors); !ran)
      return waiting_.fail(batch, ran.error());
    waiting_.deliver(batch, vectors);
  }

  const Settings settings_;
  ModelHolder& model_;
  std::mutex session_mutex_;
  const LoadedModel* loaded_ = nullptr;  ///< this and the session are there after open()
  std::unique_ptr<EngineSession> session_;
  std::atomic<bool> opened_ = false;
  BatchQueue waiting_;
  base::BlockingPool pool_;  ///< last: its threads use the above
};

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
                 .visitors = kQueryVisitors,
                 .threads = std::min(thread_count(settings), kQueryThreads),
                 .niceness = 0,
                 .warm = true,
                 .batch = {.tokens = kQueryTokens, .powers_of_two = true}},
                model),
        passages({.name = "embed-passage",
                  .queue = static_cast<std::size_t>(settings.queue),
                  .visitors = 1,
                  .threads = thread_count(settings),
                  .niceness = kPassageNiceness,
                  .warm = false,
                  .batch = {.tokens = kPassageTokens, .powers_of_two = false}},
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
  // Back to the queue after every batch: calls take turns, and the pool looks at deadline and cancellation.
  while (outcome && more) {
    outcome = co_await lane.pool().run(context, [&]() -> Result<void> {
      CAPROCK_TRY(more, lane.step(*work));
      return {};
    });
  }
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
