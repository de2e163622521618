#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "rag/answer/answerer.h"
#include "rag/answer/candidates.h"

namespace caprock::rag {

/// The sentences to answer with, in reading order: best document first, within it by position. At most
/// `limit`, none that says what another says, none far weaker than the best. Pure.
std::vector<std::size_t> choose_sentences(std::span<const Candidate> candidates, std::size_t limit);

/// The best `limit` of the candidates by what needs no vectors: those worth embedding. Order is kept.
std::vector<Candidate> worth_embedding(std::vector<Candidate> candidates, std::size_t limit);

/// The answer's text, each sentence followed by its mark "[n]", and the citations: quote and spans are those
/// of the document.
struct CitedText {
  std::string text;
  std::vector<Citation> citations;
};
CitedText cite(std::span<const Candidate> candidates, std::span<const std::size_t> chosen,
               std::span<const Passage> passages);

}  // namespace caprock::rag
