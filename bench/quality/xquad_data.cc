#include "quality/data.h"
#include "quality/xquad.h"

namespace caprock::bench {

Xquad read_xquad() {
  Xquad out;
  const auto root = boost::json::parse(read_whole(data_file("xquad/xquad.en.json")));
  std::size_t article = 0;
  for (const auto& entry : root.at("data").as_array()) {
    for (const auto& paragraph : entry.at("paragraphs").as_array()) {
      for (const auto& qa : paragraph.at("qas").as_array()) {
        out.questions.push_back({.id = field(qa, "id"),
                                 .text = field(qa, "question"),
                                 .answer = field(qa.at("answers").at(0), "text"),
                                 .paragraph = out.paragraphs.size(),
                                 .article = article});
      }
      out.paragraphs.push_back(field(paragraph, "context"));
    }
    ++article;
  }
  return out;
}

std::string xquad_source(std::size_t paragraph) { return "xquad/" + std::to_string(paragraph); }

// No title: paragraphs of one article are told apart by their text alone.
void ingest_xquad(Workspace& workspace, Xquad& data) {
  std::vector<rag::Submission> submissions;
  submissions.reserve(data.paragraphs.size());
  for (std::size_t i = 0; i < data.paragraphs.size(); ++i) {
    submissions.push_back({.bytes = data.paragraphs[i],
                           .source = xquad_source(i),
                           .content_type = "text/plain",
                           .metadata = {{"paragraph", static_cast<double>(i)}}});
  }
  for (const stores::Document& document : workspace.ingest_all(std::move(submissions)))
    data.documents.push_back(document.id);
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
