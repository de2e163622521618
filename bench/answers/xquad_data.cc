#include "answers/xquad_data.h"

#include <boost/json.hpp>
#include <stdexcept>

#include "answers/report.h"

namespace caprock::bench {

namespace json = boost::json;

Xquad read_xquad() {
  Xquad out;
  const json::value root = json::parse(read_whole(data_file("xquad/xquad.en.json")));
  std::size_t article = 0;
  for (const json::value& entry : root.at("data").as_array()) {
    for (const json::value& paragraph : entry.at("paragraphs").as_array()) {
      for (const json::value& qa : paragraph.at("qas").as_array()) {
        out.questions.push_back({.text = json::value_to<std::string>(qa.at("question")),
                                 .answer = json::value_to<std::string>(qa.at("answers").at(0).at("text")),
                                 .paragraph = out.paragraphs.size(),
                                 .article = article});
      }
      out.paragraphs.push_back(json::value_to<std::string>(paragraph.at("context")));
    }
    ++article;
  }
  return out;
}

void ingest_xquad(World& world, Xquad& data) {
  std::vector<rag::Submission> submissions;
  for (std::size_t i = 0; i < data.paragraphs.size(); ++i) {
    submissions.push_back({.bytes = data.paragraphs[i],
                           .source = "xquad/" + std::to_string(i),
                           .content_type = "text/plain",
                           .file_name = "paragraph.txt",
                           .metadata = {{"paragraph", static_cast<double>(i)}}});
  }
  for (const stores::Document& document : world.ingest(std::move(submissions))) {
    if (document.status != stores::DocumentStatus::kIndexed)
      throw std::runtime_error("not indexed: " + document.error);
    data.documents.push_back(document.id);
  }
}

rag::RetrieveRequest xquad_request(const XquadQuestion& question, bool removed) {
  rag::RetrieveRequest request{.query = question.text};
  if (removed) {
    request.filter = std::make_shared<const stores::Filter>(
        stores::Filter{.op = stores::Filter::Op::kNe,
                       .field = "paragraph",
                       .values = {static_cast<double>(question.paragraph)}});
  }
  return request;
}

}  // namespace caprock::bench
