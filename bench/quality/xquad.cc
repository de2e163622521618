#include <boost/json.hpp>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "quality/metrics.h"
#include "quality/report.h"
#include "quality/sets.h"

namespace caprock::bench {

void run_xquad(const Options& options) {
  const auto file = options.data / "xquad" / "xquad.en.json";
  std::ifstream in(file);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  std::ostringstream text;
  text << in.rdbuf();
  struct Question {
    std::string text;
    std::string paragraph;
  };
  std::vector<SetDocument> paragraphs;
  std::vector<Question> questions;
  for (const auto& article : boost::json::parse(text.str()).at("data").as_array()) {
    for (const auto& paragraph : article.at("paragraphs").as_array()) {
      // No title: 240 paragraphs of 48 articles are told apart by their text alone.
      paragraphs.push_back(
          {"p" + std::to_string(paragraphs.size()), "", std::string(paragraph.at("context").as_string())});
      for (const auto& qa : paragraph.at("qas").as_array())
        questions.push_back({std::string(qa.at("question").as_string()), paragraphs.back().id});
    }
  }
  Workspace workspace(options, "xquad", paragraphs);

  Report report("XQuAD-en", {"recall@1", "recall@5", "MRR"});
  const auto measure = [&](const std::string& name, bool vectors) {
    double one = 0;
    double five = 0;
    double mrr = 0;
    for (const Question& question : questions) {
      const auto found =
          documents_of(workspace.retrieve({.query = question.text, .top_k = 20, .use_vectors = vectors}));
      one += recall_at(found, {question.paragraph}, 1);
      five += recall_at(found, {question.paragraph}, 5);
      mrr += reciprocal_rank(found, {question.paragraph});
    }
    const auto n = static_cast<double>(questions.size());
    report.add(name, {one / n, five / n, mrr / n});
  };
  measure("BM25 (words only)", false);
  if (workspace.has_vectors()) measure("hybrid, defaults", true);
  report.note(std::to_string(paragraphs.size()) + " paragraphs, " + std::to_string(questions.size()) +
              " questions, model " + options.model);
  report.print();
  report.write(options.work / "xquad.json", options.command);
}

}  // namespace caprock::bench
