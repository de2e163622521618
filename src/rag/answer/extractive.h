#pragma once

#include <string>

#include "base/blocking_pool.h"
#include "rag/answer/answerer.h"
#include "rag/answer/calibration.h"
#include "rag/answer/question.h"
#include "rag/answer/selection.h"

namespace caprock::rag {

/// The best sentences of what was retrieved, and how far to trust them.
struct Extraction {
  CitedText cited;
  double confidence = 0;  ///< 0–1; 0.5 is where a wrong answer and a wrong silence are equally likely
  std::string weakness;   ///< what speaks against it, for a person
  llm::Usage usage;
  std::string degraded;  ///< why sentences were not embedded although passages were, or empty
  std::vector<Candidate> candidates;
  Signs signs{};
};

/// What `extract` needs; all outlive the call.
struct ExtractorParts {
  llm::Embedder* embedder;  ///< null: lexical evidence only
  base::BlockingPool& pool;
};

/// Measures the sentences of the passages and chooses at most `max_sentences`. Embeds one batch of the
/// lexically best sentences when there is an embedder and the retrieval has a query vector; an embedder that
/// fails costs precision, not the answer. Errors: kUnavailable when the pool is full, kCancelled,
/// kDeadlineExceeded.
base::Awaitable<base::Result<Extraction>> extract(const base::RequestContext& context, ExtractorParts parts,
                                                  const Question& question, const Retrieval& retrieval,
                                                  std::size_t max_sentences);

}  // namespace caprock::rag
