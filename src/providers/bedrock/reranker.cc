#include "providers/bedrock/reranker.h"

#include <limits>

#include "providers/bedrock/rerank_codec.h"

namespace caprock::providers::bedrock {

using base::failure;
using base::Result;

namespace {

constexpr double kNoScore = -std::numeric_limits<double>::infinity();
constexpr int kMostPages = 20;

}  // namespace

base::Awaitable<Result<std::vector<double>>> BedrockReranker::rerank(const base::RequestContext& context,
                                                                     std::string query,
                                                                     std::vector<std::string> passages) {
  std::vector<double> scores(passages.size(), kNoScore);
  if (passages.empty()) co_return scores;
  if (passages.size() > kMostPassages)
    co_return failure(base::invalid_argument("passages", "Bedrock reranks at most 1,000 passages at once"));
  CAPROCK_CO_TRY(const auto region, caller_->region(aws::Service::kBedrockAgentRuntime));
  std::string page;
  for (int pages = 0; pages < kMostPages; ++pages) {
    Call call;
    call.service = aws::Service::kBedrockAgentRuntime;
    call.path = "/rerank";
    call.body = rerank_body(model_arn(model_, region), query, passages, page);
    call.model = model_;
    CAPROCK_CO_TRY(auto answer, co_await caller_->send(context, std::move(call)));
    CAPROCK_CO_TRY(const auto body, co_await caller_->read_all(context, answer));
    auto next = read_scores(body, scores);
    if (!next) co_return failure(broken_answer(answer.place, std::move(next).error().detail));
    page = std::move(*next);
    if (page.empty()) break;
  }
  for (const double score : scores)
    if (score == kNoScore)
      co_return failure(broken_answer({.model = model_, .region = region}, "a passage without score"));
  co_return scores;
}

}  // namespace caprock::providers::bedrock
