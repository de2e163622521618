#include "providers/bedrock/embedder.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <span>

#include "base/all_of.h"
#include "base/json/fields.h"
#include "base/utf8.h"

namespace caprock::providers::bedrock {

using base::failure;
using base::Result;

namespace {

llm::EmbedderInfo info_of(const EmbeddingChoice& choice, const EmbeddingModel& model,
                          std::size_t side_by_side) {
  llm::EmbedderInfo info;
  info.name = "bedrock/" + model.id;
  info.fingerprint = fmt::format("{}@{}", info.name, model.dimension);
  // Vectors of texts with other words before them do not compare.
  if (!choice.query_prefix.empty() || !choice.passage_prefix.empty())
    info.fingerprint += fmt::format("#{}|{}", choice.query_prefix, choice.passage_prefix);
  info.dimension = model.dimension;
  info.max_tokens = model.max_tokens;
  info.batch =
      model.texts_per_call * std::min<std::size_t>(side_by_side, model.texts_per_call > 1 ? 2 : side_by_side);
  return info;
}

std::int64_t tokens_of(const net::HttpHeaders& headers) {
  const std::string_view text = net::header_value(headers, "x-amzn-bedrock-input-token-count");
  std::int64_t tokens = 0;
  std::from_chars(text.data(), text.data() + text.size(), tokens);
  return tokens;
}

}  // namespace

/// One call to `embed`; lives in its frame, which awaits all workers.
struct BedrockEmbedder::Batch {
  std::vector<std::string> texts;   ///< those that are not blank
  std::vector<std::size_t> places;  ///< where each stands among all
  llm::EmbedPurpose purpose = llm::EmbedPurpose::kPassage;
  llm::Embeddings out;
  std::size_t next = 0;
  bool failed = false;
};

BedrockEmbedder::BedrockEmbedder(std::shared_ptr<Caller> caller, EmbeddingChoice choice, EmbeddingModel model,
                                 std::size_t side_by_side)
    : caller_(std::move(caller)),
      choice_(std::move(choice)),
      model_(std::move(model)),
      side_by_side_(side_by_side),
      info_(info_of(choice_, model_, side_by_side)) {}

Result<std::unique_ptr<llm::Embedder>> BedrockEmbedder::make(std::shared_ptr<Caller> caller,
                                                             EmbeddingChoice choice,
                                                             std::size_t side_by_side) {
  CAPROCK_TRY(auto model, embedding_model(choice.model, choice.dimension));
  if (choice.batch != 0) model.texts_per_call = std::min(model.texts_per_call, choice.batch);
  return std::unique_ptr<llm::Embedder>(
      new BedrockEmbedder(std::move(caller), std::move(choice), std::move(model), side_by_side));
}

base::Awaitable<Result<llm::Embeddings>> BedrockEmbedder::embed(const base::RequestContext& context,
                                                                std::vector<std::string> texts,
                                                                llm::EmbedPurpose purpose) {
  Batch batch;
  batch.purpose = purpose;
  batch.out.dimension = model_.dimension;
  batch.out.values.resize(texts.size() * model_.dimension);
  const std::string& prefix =
      purpose == llm::EmbedPurpose::kQuery ? choice_.query_prefix : choice_.passage_prefix;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (!base::is_valid_utf8(texts[i]))
      co_return failure(base::invalid_argument(fmt::format("texts[{}]", i), "must be UTF-8"));
    if (base::is_blank(texts[i])) continue;
    batch.places.push_back(i);
    batch.texts.push_back(prefix + texts[i]);
  }
  const std::size_t calls = (batch.texts.size() + model_.texts_per_call - 1) / model_.texts_per_call;
  std::vector<base::Awaitable<Result<void>>> workers;
  workers.reserve(std::min(calls, side_by_side_));
  while (workers.size() < std::min(calls, side_by_side_)) workers.push_back(work(context, batch));
  CAPROCK_CO_CHECK(co_await base::all_of(std::move(workers)));
  co_return std::move(batch.out);
}

base::Awaitable<Result<void>> BedrockEmbedder::work(const base::RequestContext& context, Batch& batch) const {
  while (!batch.failed && batch.next < batch.texts.size()) {
    const std::size_t first = batch.next;
    batch.next += model_.texts_per_call;
    auto done = co_await call(context, batch, first);
    if (done) continue;
    batch.failed = true;  // the others need not go on
    co_return done;
  }
  co_return Result<void>{};
}

base::Awaitable<Result<void>> BedrockEmbedder::call(const base::RequestContext& context, Batch& batch,
                                                    std::size_t first) const {
  const std::size_t count = std::min(model_.texts_per_call, batch.texts.size() - first);
  Call call;
  call.path = model_path(model_.id, "invoke");
  call.body = embedding_body(model_, std::span(batch.texts).subspan(first, count), batch.purpose);
  call.model = model_.id;
  CAPROCK_CO_TRY(auto answer, co_await caller_->send(context, std::move(call)));
  CAPROCK_CO_TRY(const auto body, co_await caller_->read_all(context, answer));
  auto read = read_embeddings(model_, body, count);
  if (!read) co_return failure(broken_answer(answer.place, std::move(read).error().detail));
  for (std::size_t i = 0; i < count; ++i) {
    const auto row = read->row(i);
    const auto place = static_cast<std::ptrdiff_t>(batch.places[first + i] * model_.dimension);
    std::ranges::copy(row, batch.out.values.begin() + place);
  }
  const std::int64_t counted = tokens_of(answer.response->headers());
  batch.out.usage.input_tokens += counted != 0 ? counted : read->usage.input_tokens;
  co_return Result<void>{};
}

}  // namespace caprock::providers::bedrock
