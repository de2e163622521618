#pragma once

#include <string>

#include "rag/answer/answerer.h"
#include "rag/answer/prompts.h"

namespace caprock::rag {

/// What a generated answer needs; all outlive the call.
struct GeneratorParts {
  const PassageFinder& finder;
  stores::ChunkStore& chunks;
  llm::ChatModel& model;
};

/// Plan → retrieve → context → model → citations checked, again with more passages when the model finds
/// nothing and with fewer when they are too long for it, at most `settings.retries` times and never after
/// text was shown.
base::Awaitable<base::Result<Answer>> generate(const base::RequestContext& context, GeneratorParts parts,
                                               const AnswerSettings& settings, AskRequest request,
                                               AnswerSink sink);

/// The passages of several searches as one list: 0.6 of the best score of a passage, 0.4 of the share of
/// searches that found it; at most `limit`. One search is given back as it is. Pure.
std::vector<Passage> merge_retrievals(std::vector<Retrieval> retrievals, std::size_t limit);

}  // namespace caprock::rag
