#include <algorithm>
#include <filesystem>

#include "answers/commands.h"
#include "answers/csv.h"
#include "answers/located.h"
#include "answers/xquad_data.h"

namespace caprock::bench {
namespace {

namespace json = boost::json;

std::vector<rag::Submission> files_of(const std::string& folder, const std::string& extension) {
  std::vector<rag::Submission> out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(data_file(folder))) {
    if (entry.path().extension() != extension) continue;
    out.push_back({.bytes = read_whole(entry.path()),
                   .source = entry.path().filename().string(),
                   .file_name = entry.path().filename().string()});
  }
  std::ranges::sort(out, {}, &rag::Submission::source);
  return out;
}

/// Every question is answered whatever the confidence: a citation must be right also where the answer is
/// weak.
Located ask_all(World& world, const std::vector<std::string>& questions) {
  Located located;
  const rag::Answerer answerer = world.answerer({.abstain_below = 0});
  for (const std::string& question : questions) {
    located.check(world, world.run(answerer.ask(world.context(), {.retrieve = {.query = question}}, {})));
  }
  return located;
}

void add(Report& report, const std::string& set, const Located& located) {
  report.row(set + ": citations", static_cast<double>(located.citations));
  report.row(set + ": located in the document", located.share(), 1);
}

void scifact(Report& report, const std::string& model) {
  World world(model);
  std::vector<rag::Submission> submissions;
  std::istringstream corpus(read_whole(data_file("scifact/corpus.jsonl")));
  for (std::string line; std::getline(corpus, line);) {
    const json::value document = json::parse(line);
    submissions.push_back({.bytes = json::value_to<std::string>(document.at("text")),
                           .source = json::value_to<std::string>(document.at("_id")),
                           .title = json::value_to<std::string>(document.at("title")),
                           .content_type = "text/plain"});
  }
  world.ingest(std::move(submissions));
  std::vector<std::string> questions;
  std::istringstream queries(read_whole(data_file("scifact/queries.jsonl")));
  for (std::string line; std::getline(queries, line);) {
    questions.push_back(json::value_to<std::string>(json::parse(line).at("text")));
  }
  add(report, "SciFact", ask_all(world, questions));
}

void wattbot(Report& report, const std::string& model) {
  World world(model);
  world.ingest(files_of("wattbot/docs", ".txt"));
  std::vector<std::string> questions;
  for (const auto& row : read_csv(data_file("wattbot/train_QA.csv"))) questions.push_back(row.at("question"));
  add(report, "WattBot papers", ask_all(world, questions));
}

void reports_in_pdf(Report& report, const std::string& model) {
  World world(model);
  std::size_t failed = 0;
  for (const stores::Document& document : world.ingest(files_of("pdf", ".pdf"))) {
    failed += document.status == stores::DocumentStatus::kIndexed ? 0 : 1;
  }
  report.row("PDF reports: not read", static_cast<double>(failed));
  add(report, "PDF reports",
      ask_all(world, {"What caused the loss of engine power?", "What was the probable cause of the accident?",
                      "How many hours had the pilot flown?", "What was the weather at the time?",
                      "When did the accident happen?", "Who owned the airplane?",
                      "Where did the flight depart from?", "Why did the landing gear collapse?",
                      "How much did the agency spend in 2022?", "What are the strategic goals of the agency?",
                      "How many records were digitized?", "What did the autopsy find?"}));
}

void xquad(Report& report, const std::string& model) {
  World world(model);
  Xquad data = read_xquad();
  ingest_xquad(world, data);
  std::vector<std::string> questions;
  for (const XquadQuestion& question : data.questions) questions.push_back(question.text);
  add(report, "XQuAD", ask_all(world, questions));
}

}  // namespace

void measure_citations(Report& report, const Arguments& arguments) {
  const std::string model = arguments.empty() ? "minilm" : arguments[0] == "words" ? "" : arguments[0];
  xquad(report, model);
  wattbot(report, model);
  reports_in_pdf(report, model);
  scifact(report, model);
}

}  // namespace caprock::bench
