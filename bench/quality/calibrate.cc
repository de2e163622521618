#include <cstdio>
#include <stdexcept>

#include "quality/logistic.h"
#include "quality/sets.h"
#include "quality/xquad.h"
#include "rag/answer/extractive.h"

namespace caprock::bench {
namespace {

/// One question asked once, with everything the models see.
struct Case {
  const XquadQuestion* question;
  bool removed;
  std::vector<rag::Passage> passages;
  std::vector<rag::Candidate> candidates;
};

std::vector<Case> collect(Workspace& workspace, const Xquad& data) {
  std::vector<Case> cases;
  for (const XquadQuestion& question : data.questions) {
    for (const bool removed : {false, true}) {
      rag::Retrieval retrieval = workspace.retrieve(xquad_request(question, removed));
      const rag::Question asked = rag::analyse_question(question.text);
      rag::Extraction extraction = workspace.run(
          rag::extract(workspace.context(), {.embedder = workspace.embedder(), .pool = workspace.pool()},
                       asked, retrieval, 3));
      if (!extraction.degraded.empty()) throw std::runtime_error(extraction.degraded);
      cases.push_back({&question, removed, std::move(retrieval.passages), std::move(extraction.candidates)});
    }
  }
  return cases;
}

rag::Logistic<rag::kFeatureCount> fit_sentences(const std::vector<Case>& cases, const Xquad& data) {
  std::vector<rag::Features> rows;
  std::vector<bool> labels;
  for (const Case& one : cases) {
    if (one.removed || !one.question->calibrates()) continue;
    for (const rag::Candidate& candidate : one.candidates) {
      const bool right_place =
          one.passages[candidate.passage].key.document == data.documents[one.question->paragraph];
      rows.push_back(candidate.features);
      labels.push_back(right_place && candidate.text.find(one.question->answer) != std::string::npos);
    }
  }
  return fit<rag::kFeatureCount>(rows, labels);
}

struct Judged {
  std::vector<rag::Signs> signs;
  std::vector<bool> present;
};

Judged judge(std::vector<Case>& cases, const rag::Logistic<rag::kFeatureCount>& model, bool calibrates) {
  Judged out;
  for (Case& one : cases) {
    if (one.question->calibrates() != calibrates) continue;
    for (rag::Candidate& candidate : one.candidates) candidate.score = model(candidate.features);
    out.signs.push_back(
        rag::signs_of(one.candidates, rag::choose_sentences(one.candidates, 3), one.passages));
    out.present.push_back(!one.removed);
  }
  return out;
}

double balanced(const Judged& judged, const rag::Logistic<rag::kSignCount>& model, double threshold) {
  double right[2] = {0, 0};
  double all[2] = {0, 0};
  for (std::size_t i = 0; i < judged.signs.size(); ++i) {
    const std::size_t present = judged.present[i] ? 1 : 0;
    all[present] += 1;
    right[present] += (model(judged.signs[i]) >= threshold) == judged.present[i] ? 1 : 0;
  }
  return (right[0] / all[0] + right[1] / all[1]) / 2;
}

/// Moves the bias so that the best threshold on the calibrating articles is 0.5.
void centre(rag::Logistic<rag::kSignCount>& model, const Judged& judged) {
  double best = 0.5;
  for (double threshold = 0.2; threshold < 0.8; threshold += 0.005) {
    if (balanced(judged, model, threshold) > balanced(judged, model, best)) best = threshold;
  }
  model.bias -= std::log(best / (1 - best));
}

template <std::size_t N>
void print(const char* name, const rag::Logistic<N>& model) {
  std::printf("    .%s = {.bias = %.3f, .weights = {", name, model.bias);
  for (std::size_t i = 0; i < N; ++i) std::printf("%s%.3f", i > 0 ? ", " : "", model.weights[i]);
  std::printf("}},\n");
}

void calibrate_with(Report& report, const Options& options, const std::string& model) {
  Workspace workspace(options, model);
  Xquad data = read_xquad();
  ingest_xquad(workspace, data);
  std::vector<Case> cases = collect(workspace, data);
  const auto sentence = fit_sentences(cases, data);
  const Judged known = judge(cases, sentence, true);
  auto answer = fit<rag::kSignCount>(known.signs, known.present);
  centre(answer, known);
  const bool vectors = workspace.has_vectors();
  std::printf("constexpr Calibration %s{\n", vectors ? "kWithVectors" : "kLexical");
  print("sentence", sentence);
  print("answer", answer);
  std::puts("};");
  const std::string name = vectors ? "with vectors" : "words only";
  report.figure("calibration", name + ": balanced accuracy, calibrating articles",
                balanced(known, answer, 0.5));
  report.judged("calibration", name + ": balanced accuracy, test articles",
                balanced(judge(cases, sentence, false), answer, 0.5), 0.80);
}

}  // namespace

void calibrate(Report& report, const Options& options) {
  calibrate_with(report, options, model_of(options));
  if (model_of(options) != kNoModel) calibrate_with(report, options, kNoModel);
}

}  // namespace caprock::bench
