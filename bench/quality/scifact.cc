#include <algorithm>
#include <map>
#include <sstream>

#include "quality/data.h"
#include "quality/metrics.h"
#include "quality/sets.h"

namespace caprock::bench {
namespace {

// Ten documents take more than ten passages; a hundred need a deeper search of their own.
constexpr std::uint32_t kForTen = 30;
constexpr std::uint32_t kForHundred = 300;
constexpr double kGoal = 0.745;

std::map<std::string, std::set<std::string>> read_judgements() {
  std::map<std::string, std::set<std::string>> relevant;
  std::istringstream in(read_whole(data_file("scifact/qrels.tsv")));
  std::string query;
  std::string document;
  std::string score;
  std::getline(in, query);  // the header
  while (in >> query >> document >> score)
    if (score != "0") relevant[query].insert(document);
  return relevant;
}

struct Scores {
  double ndcg = 0;
  double recall10 = 0;
  double recall100 = 0;
  double mrr = 0;
  std::vector<double> milliseconds;  ///< without embedding
};

Scores search(Workspace& workspace, bool vectors, const rag::RetrieveSettings& settings) {
  const auto queries = read_json_lines(data_file("scifact/queries.jsonl"));
  const auto relevant = read_judgements();
  Scores mean;
  const auto n = static_cast<double>(queries.size());
  for (const auto& query : queries) {
    rag::RetrieveRequest request{.query = field(query, "text"), .top_k = kForTen, .use_vectors = vectors};
    const auto first = workspace.retrieve(request, settings);
    const auto& t = first.timings;
    mean.milliseconds.push_back(std::max(t.text_ms, t.vector_ms) + t.fuse_ms + t.load_ms);
    const auto ten = sources_of(first);
    request.top_k = kForHundred;
    const auto hundred = sources_of(workspace.retrieve(request, settings));
    const auto& judged = relevant.at(field(query, "_id"));
    mean.ndcg += ndcg_at(ten, judged, 10) / n;
    mean.recall10 += recall_at(ten, judged, 10) / n;
    mean.recall100 += recall_at(hundred, judged, 100) / n;
    mean.mrr += reciprocal_rank(ten, judged) / n;
  }
  return mean;
}

}  // namespace

std::vector<rag::Submission> scifact_documents() {
  std::vector<rag::Submission> out;
  for (const auto& row : read_json_lines(data_file("scifact/corpus.jsonl"))) {
    out.push_back({.bytes = field(row, "text"),
                   .source = field(row, "_id"),
                   .title = field(row, "title"),
                   .content_type = "text/plain"});
  }
  return out;
}

void measure_scifact(Report& report, const Options& options) {
  Workspace workspace(options, model_of(options));
  workspace.ingest_all(scifact_documents());
  const auto measure = [&](const std::string& how, bool vectors, const rag::RetrieveSettings& settings,
                           bool judged) {
    const Scores scores = search(workspace, vectors, settings);
    if (judged)
      report.judged("SciFact", how + ": nDCG@10", scores.ndcg, kGoal);
    else
      report.figure("SciFact", how + ": nDCG@10", scores.ndcg);
    report.figure("SciFact", how + ": recall@10", scores.recall10);
    report.figure("SciFact", how + ": recall@100", scores.recall100);
    report.figure("SciFact", how + ": mean reciprocal rank", scores.mrr);
    report.figure("SciFact", how + ": p50 ms without embedding, top_k 30",
                  quantile(scores.milliseconds, 0.5));
    report.figure("SciFact", how + ": p99 ms", quantile(scores.milliseconds, 0.99));
  };
  measure("words only", false, {}, false);
  if (workspace.has_vectors()) {
    // A weight of 1 leaves the words no say, so that the ranking is that of the vectors.
    measure("vectors only", true, {.dense_weight = 1.0}, false);
    measure("hybrid", true, {}, model_of(options) == kMiniLm);
    measure("hybrid by reciprocal ranks", true, {.fusion = "rrf"}, false);
  }
  report.figure("SciFact", "passages", static_cast<double>(workspace.chunk_count()));
}

}  // namespace caprock::bench
