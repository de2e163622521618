#include "rag/answer/calibration.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace caprock::rag {
namespace {

// Printed by `bench/quality/run calibrate` (XQuAD-en, 24 articles); the figures on the other 24 articles are
// in docs/answers.md. Run it again after any change of a feature, the chunking or the default embedding
// model.
constexpr Calibration kWithVectors{
    .sentence = {.bias = -10.948,
                 .weights = {4.996, 0.155, 0.179, 0.630, 0.784, -2.144, 5.439, 1.829, 1.351, 3.618, -2.132}},
    .answer = {.bias = -6.584,
               .weights = {1.845, 0.343, 0.879, 1.900, 0.772, 1.827, 3.347, 1.985, 2.518, 1.638, -0.527}},
};
constexpr Calibration kLexical{
    .sentence = {.bias = -10.008,
                 .weights = {5.853, 0.355, 0.052, 1.123, 0.925, -2.563, 5.666, 1.350, 0.731, 0.000, 0.000}},
    .answer = {.bias = -4.078,
               .weights = {0.831, 0.752, 1.283, 2.202, 0.932, 2.282, 0.000, 0.000, 0.000, 1.795, -0.217}},
};

std::string listed(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "“" : ", “") + word + "”";
  return out;
}

}  // namespace

const Calibration& calibration(bool with_vectors) { return with_vectors ? kWithVectors : kLexical; }

Signs signs_of(std::span<const Candidate> candidates, std::span<const std::size_t> chosen,
               std::span<const Passage> passages) {
  Signs signs{};
  if (chosen.empty()) return signs;
  const Candidate* best = &candidates[chosen.front()];
  for (const std::size_t i : chosen) {
    signs[kScoreSum] += candidates[i].score;
    if (candidates[i].score > best->score) best = &candidates[i];
  }
  signs[kBestScore] = best->score;
  signs[kBestCoverage] = best->features[kCoverage];
  signs[kBestNear] = best->features[kCoverage] + best->features[kNearCoverage];
  signs[kBestEntities] = best->features[kEntityCoverage];
  signs[kBestPairs] = best->features[kPairs];
  signs[kBestCue] = best->features[kCue];
  for (const Candidate& candidate : candidates) {
    signs[kTopCoverage] = std::max(signs[kTopCoverage], candidate.features[kPassageCoverage]);
    signs[kBestSentenceCosine] = std::max(signs[kBestSentenceCosine], candidate.features[kSentenceCosine]);
  }
  double second = 0;
  for (const Passage& passage : passages) {
    const double cosine = passage.cosine.value_or(0);
    if (cosine > signs[kTopPassageCosine])
      second = std::exchange(signs[kTopPassageCosine], cosine);
    else
      second = std::max(second, cosine);
  }
  signs[kCosineMargin] = signs[kTopPassageCosine] - second;
  return signs;
}

std::string weakness(const Signs& signs, const Question& question, std::span<const Candidate> candidates) {
  if (candidates.empty()) return "nothing in the documents has to do with the question";
  std::vector<std::string> missing;
  for (std::size_t i = 0; i < question.content.size(); ++i) {
    const bool found = std::ranges::any_of(candidates, [&](const Candidate& candidate) {
      return std::ranges::binary_search(candidate.words, question.content[i]);
    });
    if (!found) missing.push_back(question.shown[i]);
  }
  if (!missing.empty()) return "the nearest passages do not mention " + listed(missing);
  if (signs[kBestCoverage] < 0.5) return "no sentence brings the words of the question together";
  return "the nearest passages are about the subject, but none seems to answer the question";
}

}  // namespace caprock::rag
