#include "gateway/embed_attempts.h"

#include "gateway/call_meter.h"

namespace caprock::gateway {
namespace {

using base::Result;

class OneBatch final : public Attempt<llm::Embeddings> {
 public:
  OneBatch(llm::Embedder& model, const std::vector<std::string>& texts, llm::EmbedPurpose purpose)
      : model_(model), texts_(texts), purpose_(purpose) {}
  base::Awaitable<Result<llm::Embeddings>> make(const base::RequestContext& context, const Target&) override {
    return model_.embed(context, texts_, purpose_);
  }

 private:
  llm::Embedder& model_;
  const std::vector<std::string>& texts_;
  const llm::EmbedPurpose purpose_;
};

}  // namespace

base::Awaitable<Result<llm::Embeddings>> EmbedAttempts::embed(const base::RequestContext& context,
                                                              std::vector<std::string> texts,
                                                              llm::EmbedPurpose purpose) {
  const std::string model = last_->info().name;
  CallMeter meter(sink_, attempts_.clock(), context, surface_, "embed", model);
  OneBatch attempt(*last_, texts, purpose);
  auto vectors = co_await attempts_.run<llm::Embeddings>(
      context, {.model = model, .reach = Reach::kHere, .conversation = {}}, attempt, meter.trace());
  if (vectors) {
    meter.used(vectors->usage, true);
    meter.end();
  } else {
    meter.end(vectors.error());
  }
  co_return vectors;
}

}  // namespace caprock::gateway
