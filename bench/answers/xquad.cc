#include <algorithm>

#include "answers/commands.h"
#include "answers/located.h"
#include "answers/xquad_data.h"
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

void ask(World& world, const Xquad& data, const XquadQuestion& question, bool removed, double threshold,
         Tally& tally) {
  const rag::Answerer answerer = world.answerer({.abstain_below = 0});
  const rag::Answer answer =
      world.run(answerer.ask(world.context(), {.retrieve = xquad_request(question, removed)}, {}));
  const bool declined = answer.citations.empty() || answer.confidence < threshold;
  tally.located.check(world, answer);
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

/// Every tenth question, nothing remembered.
std::vector<double> measure_time(World& world, const Xquad& data) {
  std::vector<double> times;
  const rag::Answerer answerer = world.answerer({}, false);
  for (std::size_t i = 0; i < data.questions.size(); i += 10) {
    const rag::Answer answer =
        world.run(answerer.ask(world.context(), {.retrieve = xquad_request(data.questions[i], false)}, {}));
    times.push_back(answer.answer_ms);
  }
  return times;
}

double percentile(std::vector<double> values, double share) {
  std::ranges::sort(values);
  return values.empty() ? 0
                        : values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

}  // namespace

void measure_xquad(Report& report, const Arguments& arguments) {
  const std::string model = arguments.empty() ? "minilm" : arguments[0] == "words" ? "" : arguments[0];
  World world(model);
  Xquad data = read_xquad();
  ingest_xquad(world, data);
  Tally tally;
  for (const XquadQuestion& question : data.questions) {
    for (const bool removed : {false, true}) {
      ask(world, data, question, removed, rag::AnswerSettings{}.abstain_below, tally);
    }
  }
  const std::vector<double> times = measure_time(world, data);
  const double answered = tally.test_answered / tally.test_present;
  const double declined = tally.test_declined / tally.test_removed;
  report.row("paragraph recall@1", tally.first_right / tally.answerable,
             model.empty()         ? 0.92
             : model == "e5-small" ? 0.96
                                   : 0.95);
  report.row("answer string inside the extractive answer (≤ 3 sentences)", tally.inside / tally.answerable,
             0.87);
  report.row("sentences an answer", tally.sentences / tally.answerable);
  report.row("24 test articles: answers when the paragraph is there", answered);
  report.row("24 test articles: declines when it is removed", declined);
  report.row("24 test articles: balanced accuracy of abstention", (answered + declined) / 2, 0.80);
  report.row("citations located in the document", tally.located.share(), 1);
  report.row("citations", static_cast<double>(tally.located.citations));
  report.row("answering beside retrieval, p50 ms", percentile(times, 0.5));
  report.row("answering beside retrieval, p95 ms", percentile(times, 0.95));
}

}  // namespace caprock::bench
