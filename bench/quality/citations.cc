#include "quality/data.h"
#include "quality/located.h"
#include "quality/sets.h"
#include "quality/xquad.h"

namespace caprock::bench {
namespace {

/// Every question is answered whatever the confidence: a citation must be right also where the answer is
/// weak.
void ask_all(Report& report, const std::string& set, Workspace& workspace,
             const std::vector<std::string>& questions) {
  Located located;
  for (const std::string& question : questions)
    located.check(workspace, workspace.ask({.query = question}, {.abstain_below = 0}));
  report.figure(set, "citations", static_cast<double>(located.citations));
  report.judged(set, "citations located in the document", located.share(), 1);
}

void scifact(Report& report, Workspace& workspace) {
  workspace.ingest_all(scifact_documents());
  std::vector<std::string> questions;
  for (const auto& row : read_json_lines(data_file("scifact/queries.jsonl")))
    questions.push_back(field(row, "text"));
  ask_all(report, "SciFact", workspace, questions);
}

void wattbot(Report& report, Workspace& workspace) {
  workspace.ingest_all(wattbot_documents());
  std::vector<std::string> questions;
  for (const auto& row : read_csv(data_file("wattbot/train_QA.csv"))) questions.push_back(row.at("question"));
  ask_all(report, "WattBot", workspace, questions);
}

void reports_in_pdf(Report& report, Workspace& workspace) {
  workspace.ingest_all(pdf_documents(files_in(data_file("pdf"), ".pdf")));
  ask_all(report, "PDF reports", workspace,
          {"What caused the loss of engine power?", "What was the probable cause of the accident?",
           "How many hours had the pilot flown?", "What was the weather at the time?",
           "When did the accident happen?", "Who owned the airplane?", "Where did the flight depart from?",
           "Why did the landing gear collapse?", "How much did the agency spend in 2022?",
           "What are the strategic goals of the agency?", "How many records were digitized?",
           "What did the autopsy find?"});
}

void xquad(Report& report, Workspace& workspace) {
  Xquad data = read_xquad();
  ingest_xquad(workspace, data);
  std::vector<std::string> questions;
  questions.reserve(data.questions.size());
  for (const XquadQuestion& question : data.questions) questions.push_back(question.text);
  ask_all(report, "XQuAD-en", workspace, questions);
}

}  // namespace

void measure_citations(Report& report, const Options& options) {
  for (const auto ask : {xquad, wattbot, reports_in_pdf, scifact}) {
    Workspace workspace(options, model_of(options));
    ask(report, workspace);
  }
}

}  // namespace caprock::bench
