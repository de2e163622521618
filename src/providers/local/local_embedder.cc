#include "providers/local/local_embedder.h"

#include <sys/resource.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <thread>

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

/// Tokens in a batch of passages, padding included: 16 texts of 128. More are no faster (4 to 32 texts took
/// the same processor time a text) and take more memory, and calls wait longer for their turn.
constexpr std::size_t kBatchTokens = 2048;
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

/// One call's texts on their way through a lane, batch by batch.
struct Work {
  std::vector<std::vector<std::int32_t>> tokens;
  std::vector<Batch> batches;
  std::size_t next = 0;
  llm::Embeddings out;

  bool done() const { return next == batches.size(); }
};

/// A thread with a session of its own.
class Lane {
 public:
  struct Settings {
    std::string name;
    std::size_t queue;
    int threads;   ///< the session's
    int niceness;  ///< of the thread, and so of the engine's threads that it starts
    bool warm;     ///< prepares for single short texts when it opens
  };
  Lane(const Settings& settings, ModelHolder& model)
      : settings_(settings),
        model_(model),
        pool_({.name = settings.name, .threads = 1, .queue = settings.queue}) {}

  base::BlockingPool& pool() { return pool_; }

  /// On the lane's thread: makes ids of the texts at the first call, then takes one batch through the model.
  Result<void> step(const std::vector<std::string>& texts, EmbedPurpose purpose, std::optional<Work>& work) {
    CAPROCK_CHECK(open());
    if (!work) work = prepare(texts, purpose);
    if (work->done()) return {};
    return run(*work, work->batches[work->next++]);
  }

  Result<void> open() {
    if (session_) return {};
    if (settings_.niceness != 0)
      ::setpriority(PRIO_PROCESS, 0, settings_.niceness);  // of this thread only, on Linux
    CAPROCK_TRY(loaded_, model_.get());
    CAPROCK_TRY(session_, loaded_->open_session(settings_.threads));
    return warm_up();
  }

 private:
  /// The engine takes some 10 ms to prepare for a shape; those of single short queries should not wait for
  /// it.
  Result<void> warm_up() {
    constexpr std::size_t kLongestWarm = 32;
    vectors_.resize(session_->dimension());
    for (std::size_t length = padded_length(1); settings_.warm && length <= kLongestWarm;
         length = padded_length(length + 1)) {
      const PaddedBatch blank{.ids = std::vector<std::int32_t>(length, loaded_->tokenizer().padding()),
                              .mask = std::vector<std::int32_t>(length, 1)};
      CAPROCK_CHECK(session_->run(blank, 1, length, vectors_));
    }
    return {};
  }

  Work prepare(const std::vector<std::string>& texts, EmbedPurpose purpose) const {
    Work work;
    std::vector<std::size_t> lengths;
    for (const std::string& text : texts) {
      work.tokens.push_back(loaded_->encode(text, purpose));
      const std::size_t length = work.tokens.back().size();
      lengths.push_back(length > kMarks ? length : 0);
      work.out.usage.input_tokens += static_cast<std::int64_t>(length);
    }
    work.batches = plan_batches(lengths, kBatchTokens);
    work.out.dimension = session_->dimension();
    work.out.values.assign(texts.size() * work.out.dimension, 0);
    return work;
  }

  Result<void> run(Work& work, const Batch& batch) {
    const std::size_t dimension = work.out.dimension;
    vectors_.resize(batch.texts.size() * dimension);
    const PaddedBatch padded = pad(batch, work.tokens, loaded_->tokenizer().padding());
    CAPROCK_CHECK(session_->run(padded, batch.texts.size(), batch.length, vectors_));
    for (std::size_t row = 0; row < batch.texts.size(); ++row) {
      const auto vector = std::span(vectors_).subspan(row * dimension, dimension);
      normalise(vector);
      std::ranges::copy(vector,
                        work.out.values.begin() + static_cast<std::ptrdiff_t>(batch.texts[row] * dimension));
    }
    return {};
  }

  Settings settings_;
  ModelHolder& model_;
  const LoadedModel* loaded_ = nullptr;
  std::unique_ptr<EngineSession> session_;
  std::vector<float> vectors_;
  base::BlockingPool pool_;  ///< last: its thread uses the above
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
        // A query is too short to be worth the meeting of threads, and would wait at it while passages
        // compute.
        queries({.name = "embed-query",
                 .queue = static_cast<std::size_t>(settings.queue),
                 .threads = 1,
                 .niceness = 0,
                 .warm = true},
                model),
        passages({.name = "embed-passage",
                  .queue = static_cast<std::size_t>(settings.queue),
                  .threads = thread_count(settings),
                  .niceness = kPassageNiceness,
                  .warm = false},
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
  Lane& lane = purpose == EmbedPurpose::kQuery ? state_->queries : state_->passages;
  std::optional<Work> work;
  do {
    // Back to the queue after every batch: calls take turns, and the pool looks at deadline and cancellation.
    CAPROCK_CO_CHECK(co_await lane.pool().run(context, [&] { return lane.step(texts, purpose, work); }));
  } while (!work->done());
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
