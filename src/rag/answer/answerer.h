#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/awaitable.h"
#include "base/blocking_pool.h"
#include "base/context.h"
#include "base/settings.h"
#include "llm/chat_model.h"
#include "llm/embedder.h"
#include "rag/retrieve/retriever.h"
#include "stores/blob_store.h"

namespace caprock::rag {

/// A claim of the answer and the place that supports it. Only citations whose quote was found in the source
/// exist.
struct Citation {
  std::uint32_t number = 0;      ///< as in the text: [1]
  stores::TextSpan answer_span;  ///< in code points of the answer's text
  stores::ChunkKey chunk;
  std::string quote;             ///< verbatim from the document
  stores::TextSpan source_span;  ///< of the quote, in code points of the document's text
  std::string title;
  std::string source;
  std::optional<std::uint32_t> page;
  std::vector<stores::LineBox> boxes;  ///< the lines that the quote touches
};

struct AnswerSettings {
  double abstain_below = 0.5;  ///< calibrated confidence, see docs/answers.md
  std::int64_t max_sentences = 3;
  std::int64_t context_tokens = 6000;
  std::int64_t planner_queries = 3;
  std::int64_t retries = 2;
  std::string model;          ///< empty: the embedded extractive answerer
  std::string planner_model;  ///< empty: no planning
  base::SettingsSection describe();
};

/// A turn of a conversation before this question, oldest first: follow-ups are rewritten with it.
struct Turn {
  std::string question;
  std::string answer;
};

struct AskRequest {
  RetrieveRequest retrieve;
  std::vector<Turn> history;
  std::string model;  ///< overrides the setting; "extractive" is the embedded answerer
};

struct Answer {
  std::string text;
  bool abstained = false;
  std::string reason;  ///< why it abstained, for a person
  double confidence = 0;
  std::string explanation;   ///< of a generating model
  std::string answer_value;  ///< of a generating model
  std::vector<Citation> citations;
  std::vector<Passage> passages;  ///< what the answer was made from; the nearest ones when it abstained
  std::uint32_t citations_dropped = 0;
  std::string standalone_question;  ///< the question as it was searched
  std::string model;
  llm::Usage usage;
  bool cost_known = true;  ///< false: a part of `usage` has no known cost
  RetrieveTimings timings;
  double answer_ms = 0;  ///< of everything but retrieval
  std::string degraded;
};

// What is told while an answer is made, in this order.
struct Retrieved {
  const Retrieval& retrieval;
  const std::string& standalone_question;
};
struct Token {
  std::string text;
};
using AnswerEvent = std::variant<Retrieved, Token, Citation>;
/// Awaited for every event: a slow reader slows its own answer. An error ends the asking.
using AnswerSink = std::function<base::Awaitable<base::Result<void>>(AnswerEvent)>;

/// What surfaces and the agent need of an answerer; tests script it. Thread safe.
class QuestionAnswerer {
 public:
  virtual ~QuestionAnswerer() = default;
  /// `sink` may be empty. Errors: those of retrieval and of the model. To abstain is an answer, not an error.
  virtual base::Awaitable<base::Result<Answer>> ask(const base::RequestContext& context, AskRequest request,
                                                    AnswerSink sink) const = 0;
};

/// Questions over documents: rewrite → (plan) → retrieve → answer → check citations. Thread safe.
class Answerer final : public QuestionAnswerer {
 public:
  struct Parts {
    const PassageFinder& retriever;
    stores::BlobStore& blobs;
    stores::ChunkStore& chunks;
    llm::Embedder* embedder;  ///< null: lexical evidence only
    llm::ChatModel* model;    ///< null: extractive
    base::BlockingPool& pool;
  };
  Answerer(Parts parts, AnswerSettings settings);
  base::Awaitable<base::Result<Answer>> ask(const base::RequestContext& context, AskRequest request,
                                            AnswerSink sink) const override;

 private:
  base::Awaitable<base::Result<Answer>> ask_extractive(const base::RequestContext& context,
                                                       AskRequest request, AnswerSink sink) const;

  Parts parts_;
  AnswerSettings settings_;
};

}  // namespace caprock::rag
