#include "quality/xquad.h"

#include <optional>
#include <utility>

#include "quality/data.h"
#include "quality/metrics.h"
#include "quality/sets.h"

namespace caprock::bench {
namespace {

constexpr std::uint32_t kPassages = 20;

struct Scores {
  double first = 0;
  double among_five = 0;
  double mrr = 0;
};

Scores search(Workspace& workspace, const Xquad& data, bool vectors) {
  Scores mean;
  const auto n = static_cast<double>(data.questions.size());
  for (const XquadQuestion& question : data.questions) {
    const std::set<std::string> right{xquad_source(question.paragraph)};
    const auto found =
        sources_of(workspace.retrieve({.query = question.text, .top_k = kPassages, .use_vectors = vectors}));
    mean.first += recall_at(found, right, 1) / n;
    mean.among_five += recall_at(found, right, 5) / n;
    mean.mrr += reciprocal_rank(found, right) / n;
  }
  return mean;
}

void measure_with(Report& report, const Options& options, const std::string& model,
                  std::optional<double> goal) {
  Workspace workspace(options, model);
  Xquad data = read_xquad();
  ingest_xquad(workspace, data);
  const std::string how = model == kNoModel ? "words only" : "hybrid, " + model;
  const Scores scores = search(workspace, data, workspace.has_vectors());
  const std::string first = how + ": paragraph recall@1";
  if (goal)
    report.judged("XQuAD-en", first, scores.first, *goal);
  else
    report.figure("XQuAD-en", first, scores.first);
  report.figure("XQuAD-en", how + ": paragraph recall@5", scores.among_five);
  report.figure("XQuAD-en", how + ": mean reciprocal rank", scores.mrr);
}

}  // namespace

void measure_xquad(Report& report, const Options& options) {
  const std::pair<std::string, std::optional<double>> models[] = {
      {kNoModel, std::nullopt}, {kMiniLm, 0.95}, {kE5, 0.96}};
  for (const auto& [model, goal] : models) {
    if (options.model.empty() || options.model == model) measure_with(report, options, model, goal);
  }
}

}  // namespace caprock::bench
