#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <stdexcept>

#include "quality/data.h"
#include "quality/located.h"
#include "quality/metrics.h"
#include "quality/sets.h"
#include "quality/xquad.h"

namespace caprock::bench {
namespace {

constexpr const char* kQuestions = "bench/quality/questions/xquad-translated.jsonl";
constexpr double kGoal = 0.90;

struct Asked {
  std::size_t questions = 0;
  double among_five = 0;
  double first = 0;
};

const XquadQuestion& original(const Xquad& data, const std::string& id) {
  const auto found = std::ranges::find(data.questions, id, &XquadQuestion::id);
  if (found == data.questions.end()) throw std::runtime_error("XQuAD-en has no question " + id);
  return *found;
}

}  // namespace

void measure_languages(Report& report, const Options& options) {
  const std::string model = model_of(options, kE5);
  Workspace workspace(options, model);
  Xquad data = read_xquad();
  ingest_xquad(workspace, data);
  std::map<std::string, Asked> languages;
  Located located;
  for (const auto& row : read_json_lines(kQuestions)) {
    const rag::RetrieveRequest request{.query = field(row, "question")};
    const std::set<std::string> right{xquad_source(original(data, field(row, "id")).paragraph)};
    const auto found = sources_of(workspace.retrieve(request));
    Asked& asked = languages[field(row, "language")];
    asked.questions += 1;
    asked.first += hit_at(found, right, 1);
    asked.among_five += hit_at(found, right, 5);
    if (hit_at(found, right, 5) == 0) report.note("not among five: " + field(row, "question"));
    located.check(workspace, workspace.ask(request, {.abstain_below = 0}));
  }
  for (const auto& [language, asked] : languages) {
    const auto n = static_cast<double>(asked.questions);
    const std::string how = fmt::format("{} to en, {}, {} questions", language, model, asked.questions);
    report.judged("XQuAD translated", how + ": recall@5", asked.among_five / n, kGoal);
    report.figure("XQuAD translated", how + ": recall@1", asked.first / n);
  }
  report.judged("XQuAD translated", "citations located in the document", located.share(), 1);
  report.figure("XQuAD translated", "citations", static_cast<double>(located.citations));
}

}  // namespace caprock::bench
