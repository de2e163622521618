#include "rag/answer/answerer.h"

#include <chrono>
#include <utility>

#include "rag/answer/extractive.h"
#include "rag/answer/generating.h"
#include "rag/answer/prompts.h"
#include "rag/answer/rewrite.h"

namespace caprock::rag {
namespace {

constexpr std::string_view kExtractive = "extractive";  // its name as a model

double milliseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

void add_note(std::string& notes, const std::string& note) {
  if (!note.empty()) notes += (notes.empty() ? "" : "; ") + note;
}

/// Each sentence as a token with its mark, followed by its citation.
base::Awaitable<base::Result<void>> tell(const AnswerSink& sink, const Answer& answer) {
  if (!sink) co_return base::Result<void>{};
  std::string_view rest = answer.text;
  for (const Citation& citation : answer.citations) {
    const std::string mark = " [" + std::to_string(citation.number) + "]";
    const std::size_t end = rest.find(mark) + mark.size();
    Token token{.text = std::string(rest.substr(0, end))};
    rest.remove_prefix(end);
    CAPROCK_CO_CHECK(co_await sink(AnswerEvent(std::move(token))));
    CAPROCK_CO_CHECK(co_await sink(AnswerEvent(citation)));
  }
  co_return base::Result<void>{};
}

void conclude(Answer& answer, Extraction extraction, Retrieval retrieval, double abstain_below) {
  answer.confidence = extraction.confidence;
  answer.model = kExtractive;
  answer.timings = retrieval.timings;
  answer.usage = retrieval.usage;
  answer.usage.input_tokens += extraction.usage.input_tokens;
  answer.degraded = std::move(retrieval.degraded);
  add_note(answer.degraded, extraction.degraded);
  answer.passages = std::move(retrieval.passages);
  answer.abstained = extraction.cited.citations.empty() || extraction.confidence < abstain_below;
  if (answer.abstained) {
    answer.text = kUnableToAnswer;
    answer.reason = std::move(extraction.weakness);
  } else {
    answer.text = std::move(extraction.cited.text);
    answer.citations = std::move(extraction.cited.citations);
  }
}

}  // namespace

Answerer::Answerer(Parts parts, AnswerSettings settings) : parts_(parts), settings_(std::move(settings)) {}

base::Awaitable<base::Result<Answer>> Answerer::ask(const base::RequestContext& context, AskRequest request,
                                                    AnswerSink sink) const {
  const auto start = std::chrono::steady_clock::now();
  const std::string& model = request.model.empty() ? settings_.model : request.model;
  base::Result<Answer> answer;
  if (model.empty() || model == kExtractive) {
    answer = co_await ask_extractive(context, std::move(request), std::move(sink));
  } else if (parts_.model == nullptr) {
    co_return base::failure(
        base::not_found("no generating model is configured here: leave \"model\" out or say \"extractive\"")
            .with_field("model"));
  } else {
    const GeneratorParts parts{.finder = parts_.retriever, .chunks = parts_.chunks, .model = *parts_.model};
    answer = co_await generate(context, parts, settings_, std::move(request), std::move(sink));
  }
  if (answer) answer->answer_ms += milliseconds_since(start);
  co_return answer;
}

base::Awaitable<base::Result<Answer>> Answerer::ask_extractive(const base::RequestContext& context,
                                                               AskRequest request, AnswerSink sink) const {
  Answer answer;
  const std::string asked = request.retrieve.query;
  answer.standalone_question = stand_alone(asked, request.history);
  request.retrieve.query = answer.standalone_question;
  const auto start = std::chrono::steady_clock::now();
  auto retrieval = co_await parts_.retriever.retrieve(context, request.retrieve);
  answer.answer_ms = -milliseconds_since(start);  // `ask` adds the whole time
  if (!retrieval) co_return base::failure(std::move(retrieval).error());
  if (sink) {
    Retrieved event{.retrieval = *retrieval, .standalone_question = answer.standalone_question};
    CAPROCK_CO_CHECK(co_await sink(AnswerEvent(event)));
  }
  const Question question = analyse_question(answer.standalone_question, asked);
  const ExtractorParts parts{.embedder = parts_.embedder, .pool = parts_.pool};
  auto extraction = co_await extract(context, parts, question, *retrieval,
                                     static_cast<std::size_t>(settings_.max_sentences));
  if (!extraction) co_return base::failure(std::move(extraction).error());
  conclude(answer, std::move(*extraction), std::move(*retrieval), settings_.abstain_below);
  CAPROCK_CO_CHECK(co_await tell(sink, answer));
  co_return answer;
}

}  // namespace caprock::rag
