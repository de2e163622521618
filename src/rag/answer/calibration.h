#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "rag/answer/candidates.h"

namespace caprock::rag {

/// What the confidence in an answer is read from, in the order of the weights in calibration.cc.
enum Sign : std::uint8_t {
  kBestScore,     ///< score of the best sentence, as a probability
  kScoreSum,      ///< of the chosen sentences together
  kBestCoverage,  ///< of the best sentence
  kBestNear,      ///< of the best sentence with its neighbours
  kBestEntities,  ///< names and numbers of the question at the best sentence
  kTopCoverage,   ///< the best coverage of any one passage
  kBestSentenceCosine,
  kTopPassageCosine,
  kCosineMargin,  ///< best passage's cosine above the second's
  kBestPairs,
  kBestCue,
  kSignCount
};
using Signs = std::array<double, kSignCount>;

/// A logistic model: 1 / (1 + exp(−(bias + weights · x))).
template <std::size_t N>
struct Logistic {
  double bias = 0;
  std::array<double, N> weights{};
  double operator()(const std::array<double, N>& x) const {
    double sum = bias;
    for (std::size_t i = 0; i < N; ++i) sum += weights.at(i) * x.at(i);
    return 1.0 / (1.0 + std::exp(-sum));
  }
};

/// Both models twice: with vectors and without. Fitted by `bench/quality/run calibrate`.
struct Calibration {
  Logistic<kFeatureCount> sentence;  ///< that a sentence holds the answer
  Logistic<kSignCount> answer;       ///< that the question is answered in the documents
};
const Calibration& calibration(bool with_vectors);

/// What the chosen sentences (indices into `candidates`) show.
Signs signs_of(std::span<const Candidate> candidates, std::span<const std::size_t> chosen,
               std::span<const Passage> passages);

/// Why an answer of such signs is not to be trusted, for a person.
std::string weakness(const Signs& signs, const Question& question, std::span<const Candidate> candidates);

}  // namespace caprock::rag
