#include <boost/json.hpp>
#include <fstream>
#include <map>
#include <stdexcept>

#include "quality/metrics.h"
#include "quality/report.h"
#include "quality/sets.h"

namespace caprock::bench {
namespace {

struct Query {
  std::string id;
  std::string text;
};

std::ifstream open(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  return in;
}

std::vector<SetDocument> read_corpus(const std::filesystem::path& file) {
  std::vector<SetDocument> documents;
  auto in = open(file);
  for (std::string line; std::getline(in, line);) {
    const auto row = boost::json::parse(line).as_object();
    documents.push_back({std::string(row.at("_id").as_string()), std::string(row.at("title").as_string()),
                         std::string(row.at("text").as_string())});
  }
  return documents;
}

std::vector<Query> read_queries(const std::filesystem::path& file) {
  std::vector<Query> queries;
  auto in = open(file);
  for (std::string line; std::getline(in, line);) {
    const auto row = boost::json::parse(line).as_object();
    queries.push_back({std::string(row.at("_id").as_string()), std::string(row.at("text").as_string())});
  }
  return queries;
}

std::map<std::string, std::set<std::string>> read_judgements(const std::filesystem::path& file) {
  std::map<std::string, std::set<std::string>> relevant;
  auto in = open(file);
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

// Ten documents take more than ten passages; a hundred need a deeper search of their own.
constexpr std::uint32_t kForTen = 30;
constexpr std::uint32_t kForHundred = 300;

}  // namespace

void run_scifact(const Options& options) {
  const auto folder = options.data / "scifact";
  const auto corpus = read_corpus(folder / "corpus.jsonl");
  const auto queries = read_queries(folder / "queries.jsonl");
  const auto relevant = read_judgements(folder / "qrels.tsv");
  Workspace workspace(options, "scifact", corpus);

  Report report("SciFact", {"nDCG@10", "recall@10", "recall@100", "MRR", "p50 ms", "p99 ms"});
  const auto measure = [&](const std::string& name, bool vectors, const rag::RetrieveSettings& settings) {
    Scores sum;
    for (const Query& query : queries) {
      rag::RetrieveRequest request{.query = query.text, .top_k = kForTen, .use_vectors = vectors};
      const auto first = workspace.retrieve(request, settings);
      const auto& t = first.timings;
      sum.milliseconds.push_back(std::max(t.text_ms, t.vector_ms) + t.fuse_ms + t.load_ms);
      const auto ten = documents_of(first);
      request.top_k = kForHundred;
      const auto hundred = documents_of(workspace.retrieve(request, settings));
      const auto& judged = relevant.at(query.id);
      sum.ndcg += ndcg_at(ten, judged, 10);
      sum.recall10 += recall_at(ten, judged, 10);
      sum.recall100 += recall_at(hundred, judged, 100);
      sum.mrr += reciprocal_rank(ten, judged);
    }
    const auto n = static_cast<double>(queries.size());
    report.add(name, {sum.ndcg / n, sum.recall10 / n, sum.recall100 / n, sum.mrr / n,
                      quantile(sum.milliseconds, 0.5), quantile(sum.milliseconds, 0.99)});
  };
  measure("BM25 (words only)", false, {});
  if (workspace.has_vectors()) {
    // A weight of 1 leaves the words no say, so that the ranking is that of the vectors.
    measure("vectors only", true, {.dense_weight = 1.0});
    measure("hybrid, defaults", true, {});
    measure("hybrid, reciprocal ranks", true, {.fusion = "rrf"});
  }
  report.note(std::to_string(corpus.size()) + " documents, " + std::to_string(workspace.chunk_count()) +
              " passages, " + std::to_string(queries.size()) + " queries; times without embedding, top_k 30");
  report.print();
  report.write(options.work / "scifact.json", options.command);
}

}  // namespace caprock::bench
