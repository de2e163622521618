#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rag/answer/question.h"
#include "rag/chunk/chunker.h"
#include "rag/retrieve/retriever.h"

namespace caprock::rag {

/// What is measured of a sentence, in the order of the weights in calibration.cc. All within about 0–1.
enum Feature : std::uint8_t {
  kCoverage,         ///< share of the question's telling words in it, rare ones count more
  kEntityCoverage,   ///< the same of its names and numbers, in it or beside it (1 when it has none)
  kNearCoverage,     ///< what the sentences before and after add to the coverage
  kPairs,            ///< share of neighbouring word pairs of the question that are near each other in it
  kCue,              ///< holds something of the kind that is asked for
  kPassageCoverage,  ///< coverage of the whole passage with its title and section
  kPassageScore,     ///< of retrieval, relative to the best passage
  kFirstPassage,     ///< 1 in the best passage
  kLength,           ///< words, logarithmic
  kSentenceCosine,   ///< 0 without vectors
  kPassageCosine,    ///< 0 without vectors
  kFeatureCount
};
using Features = std::array<double, kFeatureCount>;

/// A sentence that may answer.
struct Candidate {
  std::size_t passage = 0;         ///< index of its passage
  ByteSpan bytes;                  ///< in the passage's content
  stores::TextSpan span;           ///< in code points of the document's text
  std::string text;                ///< for people and for the embedder: white space collapsed
  std::vector<std::string> words;  ///< comparable forms, sorted, each once
  Features features{};
  double score = 0;
};

/// The sentences of the first `max_passages` passages with everything that needs no vectors. A sentence that
/// stands in two overlapping passages appears once. Pure.
std::vector<Candidate> collect_candidates(const Question& question, std::span<const Passage> passages,
                                          std::size_t max_passages);

/// `split_sentences`, with what is longer than a reader likes (table rows, run-on text) cut at lines, then
/// clauses, then words.
std::vector<ByteSpan> answer_units(std::string_view text);

}  // namespace caprock::rag
