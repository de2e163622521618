#include "rag/ingest/embed_batcher.h"

#include <algorithm>

namespace caprock::rag {
namespace {

// Batches of several times what the model computes at once let it sort by length, which saves padding.
constexpr std::size_t kModelBatches = 2;

}  // namespace

// Lives in the frame of `embed`, which waits until every piece of it has been delivered.
struct EmbedBatcher::Request {
  explicit Request(const boost::asio::any_io_executor& executor) : done(executor) {}
  base::RequestContext context;
  std::vector<std::string> texts;
  std::vector<std::vector<float>> vectors;
  std::size_t left = 0;
  base::Result<void> outcome;
  base::Event done;
};

EmbedBatcher::EmbedBatcher(llm::Embedder& embedder, boost::asio::any_io_executor executor)
    : embedder_(embedder),
      batch_(std::max<std::size_t>(1, embedder.info().batch) * kModelBatches),
      executor_(executor),
      first_runner_(executor),
      second_runner_(executor) {}

base::Awaitable<base::Result<std::vector<std::vector<float>>>> EmbedBatcher::embed(
    base::RequestContext context, std::vector<std::string> texts) {
  if (texts.empty()) co_return std::vector<std::vector<float>>();
  Request request(executor_);
  request.context = std::move(context);
  request.texts = std::move(texts);
  request.left = request.texts.size();
  request.vectors.resize(request.left);
  for (std::size_t begin = 0; begin < request.texts.size(); begin += batch_)
    queue_.push_back({&request, begin, std::min(request.texts.size(), begin + batch_)});
  wake();
  while (request.left != 0) co_await request.done.wait(std::chrono::hours(1));
  if (!request.outcome) co_return base::failure(std::move(request.outcome).error());
  co_return std::move(request.vectors);
}

void EmbedBatcher::wake() {
  first_runner_.signal();
  second_runner_.signal();
}

void EmbedBatcher::start(base::TaskGroup& tasks) {
  for (base::Event* runner : {&first_runner_, &second_runner_})
    // The group keeps the callable until its task has ended.
    // NOLINTNEXTLINE(cppcoreguidelines-avoid-capturing-lambda-coroutines)
    tasks.spawn("embed", [this, runner](std::stop_token stop) -> base::Awaitable<void> {
      // Ends only when nothing waits: requests live in frames that wait for their answer.
      while (!stop.stop_requested() || !queue_.empty()) {
        if (queue_.empty()) co_await runner->wait(std::chrono::seconds(1));
        if (std::vector<Piece> batch = next_batch(); !batch.empty()) co_await embed_batch(std::move(batch));
      }
    });
}

std::vector<EmbedBatcher::Piece> EmbedBatcher::next_batch() {
  std::vector<Piece> batch;
  std::size_t texts = 0;
  while (!queue_.empty()) {
    const std::size_t size = queue_.front().end - queue_.front().begin;
    if (!batch.empty() && texts + size > batch_) break;
    texts += size;
    batch.push_back(queue_.front());
    queue_.pop_front();
  }
  return batch;
}

base::Awaitable<void> EmbedBatcher::embed_batch(std::vector<Piece> batch) {
  std::vector<std::string> texts;
  for (const Piece& piece : batch)
    for (std::size_t i = piece.begin; i < piece.end; ++i) texts.push_back(std::move(piece.request->texts[i]));
  const base::RequestContext context = batch.front().request->context;
  deliver(batch, co_await embedder_.embed(context, std::move(texts), llm::EmbedPurpose::kPassage));
}

void EmbedBatcher::deliver(const std::vector<Piece>& batch, base::Result<llm::Embeddings> outcome) {
  std::size_t row = 0;
  for (const Piece& piece : batch) {
    Request& request = *piece.request;
    for (std::size_t i = piece.begin; i < piece.end; ++i, ++row) {
      if (!outcome) continue;
      const auto values = outcome->row(row);
      request.vectors[i].assign(values.begin(), values.end());
    }
    if (!outcome) request.outcome = base::failure(outcome.error());
    request.left -= piece.end - piece.begin;
    if (request.left == 0) request.done.signal();
  }
}

}  // namespace caprock::rag
