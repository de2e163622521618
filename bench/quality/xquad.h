#pragma once

#include <string>
#include <vector>

#include "quality/workspace.h"

namespace caprock::bench {

/// XQuAD-en: 48 articles of 5 paragraphs, 1,190 questions; every paragraph is taken in as a document.
struct XquadQuestion {
  std::string id;
  std::string text;
  std::string answer;  ///< stands word for word in the paragraph
  std::size_t paragraph = 0;
  std::size_t article = 0;
  /// Even articles calibrate, odd ones test.
  bool calibrates() const { return article % 2 == 0; }
};
struct Xquad {
  std::vector<std::string> paragraphs;
  std::vector<XquadQuestion> questions;
  std::vector<stores::DocumentId> documents;  ///< of the paragraphs, once taken in
};

Xquad read_xquad();
void ingest_xquad(Workspace& workspace, Xquad& data);
/// The source of a paragraph's document.
std::string xquad_source(std::size_t paragraph);
/// The search for a question; with `removed` its paragraph is left out, so that nothing answers it.
rag::RetrieveRequest xquad_request(const XquadQuestion& question, bool removed);

}  // namespace caprock::bench
