#include "gateway/rerank_attempts.h"

#include "gateway/call_meter.h"

namespace caprock::gateway {
namespace {

using base::Result;
using Scores = std::vector<double>;

class OneOrder final : public Attempt<Scores> {
 public:
  OneOrder(llm::Reranker& model, const std::string& query, const std::vector<std::string>& passages)
      : model_(model), query_(query), passages_(passages) {}
  base::Awaitable<Result<Scores>> make(const base::RequestContext& context, const Target&) override {
    return model_.rerank(context, query_, passages_);
  }

 private:
  llm::Reranker& model_;
  const std::string& query_;
  const std::vector<std::string>& passages_;
};

}  // namespace

base::Awaitable<Result<Scores>> RerankAttempts::rerank(const base::RequestContext& context, std::string query,
                                                       std::vector<std::string> passages) {
  CallMeter meter(sink_, attempts_.clock(), context, "rest", "rerank", model_);
  OneOrder attempt(last_, query, passages);
  auto scores = co_await attempts_.run<Scores>(
      context, {.model = model_, .reach = Reach::kHere, .conversation = {}}, attempt, meter.trace());
  if (scores)
    meter.end();
  else
    meter.end(scores.error());
  co_return scores;
}

}  // namespace caprock::gateway
