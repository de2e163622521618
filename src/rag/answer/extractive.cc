#include "rag/answer/extractive.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace caprock::rag {
namespace {

// Sentences beyond the first passages hardly ever win; embedding more than these costs more than 15 ms.
constexpr std::size_t kMaxPassages = 10;
constexpr std::size_t kMaxEmbedded = 24;

void score_all(std::vector<Candidate>& candidates, bool with_vectors) {
  const auto& model = calibration(with_vectors).sentence;
  for (Candidate& candidate : candidates) candidate.score = model(candidate.features);
}

std::vector<Candidate> measure(const Question& question, const Retrieval& retrieval, bool with_vectors) {
  std::vector<Candidate> candidates = collect_candidates(question, retrieval.passages, kMaxPassages);
  score_all(candidates, false);
  return with_vectors ? worth_embedding(std::move(candidates), kMaxEmbedded) : candidates;
}

base::Awaitable<base::Result<llm::Usage>> add_cosines(const base::RequestContext& context,
                                                      llm::Embedder& embedder,
                                                      const std::vector<float>& query,
                                                      std::vector<Candidate>& candidates) {
  std::vector<std::string> texts;
  texts.reserve(candidates.size());
  for (const Candidate& candidate : candidates) texts.push_back(candidate.text);
  auto vectors = co_await embedder.embed(context, std::move(texts), llm::EmbedPurpose::kSentence);
  if (!vectors) co_return base::failure(std::move(vectors).error());
  if (vectors->dimension != query.size() || vectors->count() != candidates.size()) {
    co_return base::failure(base::internal_error("sentence vectors do not fit the query vector"));
  }
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const auto row = vectors->row(i);
    candidates[i].features[kSentenceCosine] = std::inner_product(row.begin(), row.end(), query.begin(), 0.0);
  }
  co_return vectors->usage;
}

// Sentences are embedded with the model that made the query's vector: while a collection's vectors are made
// anew, that is the earlier one.
llm::Embedder& model_of(const ExtractorParts& parts, const Retrieval& retrieval) {
  if (retrieval.query_model == nullptr ||
      retrieval.query_model->info().fingerprint == parts.embedder->info().fingerprint)
    return *parts.embedder;
  return *retrieval.query_model;
}

void conclude(Extraction& out, const Question& question, const Retrieval& retrieval, bool with_vectors,
              std::size_t max_sentences) {
  score_all(out.candidates, with_vectors);
  const std::vector<std::size_t> chosen = choose_sentences(out.candidates, max_sentences);
  out.signs = signs_of(out.candidates, chosen, retrieval.passages);
  out.confidence = chosen.empty() ? 0 : calibration(with_vectors).answer(out.signs);
  out.weakness = weakness(out.signs, question, out.candidates);
  out.cited = cite(out.candidates, chosen, retrieval.passages);
}

}  // namespace

base::Awaitable<base::Result<Extraction>> extract(const base::RequestContext& context, ExtractorParts parts,
                                                  const Question& question, const Retrieval& retrieval,
                                                  std::size_t max_sentences) {
  bool with_vectors = parts.embedder != nullptr && !retrieval.query_vector.empty();
  Extraction out;
  auto measured = co_await parts.pool.run(context, [&]() -> base::Result<std::vector<Candidate>> {
    return measure(question, retrieval, with_vectors);
  });
  if (!measured) co_return base::failure(std::move(measured).error());
  out.candidates = std::move(*measured);
  if (with_vectors && !out.candidates.empty()) {
    auto usage =
        co_await add_cosines(context, model_of(parts, retrieval), retrieval.query_vector, out.candidates);
    if (!usage && (usage.error().kind == base::ErrorKind::kCancelled ||
                   usage.error().kind == base::ErrorKind::kDeadlineExceeded)) {
      co_return base::failure(std::move(usage).error());
    }
    if (usage) {
      out.usage = *usage;
    } else {
      with_vectors = false;
      out.degraded = "sentences were compared by their words only: " + usage.error().message;
    }
  }
  conclude(out, question, retrieval, with_vectors, max_sentences);
  co_return out;
}

}  // namespace caprock::rag
