#include <algorithm>

#include "quality/located.h"
#include "quality/metrics.h"
#include "quality/sets.h"
#include "quality/xquad.h"
#include "rag/answer/selection.h"

namespace caprock::bench {
namespace {

struct Tally {
  double answerable = 0;
  double inside = 0;
  double first_right = 0;
  double sentences = 0;
  double test_present = 0;
  double test_answered = 0;
  double test_removed = 0;
  double test_declined = 0;
  Located located;
};

bool inside(const rag::Answer& answer, const std::string& wanted) {
  return std::ranges::any_of(
      answer.citations, [&](const rag::Citation& c) { return c.quote.find(wanted) != std::string::npos; });
}

void ask(Workspace& workspace, const Xquad& data, const XquadQuestion& question, bool removed,
         double threshold, Tally& tally) {
  const rag::Answer answer = workspace.ask(xquad_request(question, removed), {.abstain_below = 0});
  const bool declined = answer.citations.empty() || answer.confidence < threshold;
  tally.located.check(workspace, answer);
  if (!question.calibrates()) {
    (removed ? tally.test_removed : tally.test_present) += 1;
    if (removed == declined) (removed ? tally.test_declined : tally.test_answered) += 1;
  }
  if (removed) return;
  tally.answerable += 1;
  tally.inside += inside(answer, question.answer) ? 1 : 0;
  tally.sentences += static_cast<double>(answer.citations.size());
  const bool right =
      !answer.passages.empty() && answer.passages[0].key.document == data.documents[question.paragraph];
  tally.first_right += right ? 1 : 0;
}

/// Every tenth question, no vector known before.
std::vector<double> measure_time(Workspace& workspace, const Xquad& data) {
  std::vector<double> times;
  for (std::size_t i = 0; i < data.questions.size(); i += 10)
    times.push_back(workspace.ask_anew(xquad_request(data.questions[i], false)).answer_ms);
  return times;
}

}  // namespace

void measure_answers(Report& report, const Options& options) {
  Workspace workspace(options, model_of(options));
  Xquad data = read_xquad();
  ingest_xquad(workspace, data);
  Tally tally;
  for (const XquadQuestion& question : data.questions) {
    for (const bool removed : {false, true}) {
      ask(workspace, data, question, removed, rag::AnswerSettings{}.abstain_below, tally);
    }
  }
  const std::vector<double> times = measure_time(workspace, data);
  const double answered = tally.test_answered / tally.test_present;
  const double declined = tally.test_declined / tally.test_removed;
  const std::string set = "XQuAD-en answers";
  report.figure(set, "the first passage is of the true paragraph", tally.first_right / tally.answerable);
  report.judged(set, "answer string inside the extractive answer (≤ 3 sentences)",
                tally.inside / tally.answerable, 0.87);
  report.figure(set, "sentences an answer", tally.sentences / tally.answerable);
  report.figure(set, "24 test articles: answers when the paragraph is there", answered);
  report.figure(set, "24 test articles: declines when it is removed", declined);
  report.judged(set, "24 test articles: balanced accuracy of abstention", (answered + declined) / 2, 0.80);
  report.judged(set, "citations located in the document", tally.located.share(), 1);
  report.figure(set, "citations", static_cast<double>(tally.located.citations));
  report.figure(set, "answering beside retrieval, p50 ms", quantile(times, 0.5));
  report.figure(set, "answering beside retrieval, p95 ms", quantile(times, 0.95));
}

}  // namespace caprock::bench
