#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rag/answer/answerer.h"
#include "rag/answer/citations.h"
#include "rag/answer/context_builder.h"
#include "rag/answer/json_field_stream.h"
#include "rag/answer/mark_filter.h"

namespace caprock::rag {

/// What a reply is read against; all outlive the reader.
struct ReplySources {
  stores::ChunkStore& chunks;
  const std::string& collection;
  const PromptContext& prompt;
  const std::vector<Passage>& passages;
};

/// Reads one reply of a model while it streams: checks its quotations, gives the answer's text on as soon as
/// it is sure not to be a blank, and fills in the answer. One coroutine at a time.
class ReplyReader {
 public:
  /// `hold_ungrounded`: give nothing on while every quotation so far was dropped, so that the caller can try
  /// again.
  ReplyReader(const base::RequestContext& context, ReplySources sources, const AnswerSink& sink,
              bool hold_ungrounded)
      : context_(context), sources_(sources), sink_(sink), hold_ungrounded_(hold_ungrounded) {}

  /// Errors: those of the stream, the store and the sink.
  base::Awaitable<base::Result<void>> read(llm::ChatStream& stream);

  bool blank() const;                    ///< the model found no answer
  bool ungrounded() const;               ///< it quoted, and nothing of it stands in the sources
  bool shown() const { return shown_; }  ///< something went to the sink: no way back
  const llm::Usage& usage() const { return usage_; }
  const std::string& explanation() const { return explanation_; }
  /// Text, explanation, value, citations, model; `degraded` when the reply was cut or not in the asked form.
  /// Sends what is left to the sink.
  base::Awaitable<base::Result<void>> finish_into(Answer& answer);

 private:
  base::Awaitable<base::Result<void>> take(llm::StreamEvent event);
  base::Awaitable<base::Result<void>> take_text(std::string text);
  base::Awaitable<base::Result<void>> take_piece(JsonFieldStream::Piece piece);
  base::Awaitable<base::Result<void>> check(std::string quotes_json);
  base::Awaitable<base::Result<void>> show(std::string text);
  base::Awaitable<base::Result<void>> show_citations();
  bool must_wait() const;
  std::string form_problem() const;

  const base::RequestContext& context_;
  ReplySources sources_;
  const AnswerSink& sink_;
  bool hold_ungrounded_;
  JsonFieldStream json_;
  std::string whole_;       // the reply, for models that do not write JSON
  std::string raw_answer_;  // with the model's refs
  std::string pending_;     // of the answer, not yet shown
  std::string explanation_;
  std::string value_;
  std::string model_;
  CheckedQuotes checked_;
  MarkFilter marks_;
  std::size_t citations_shown_ = 0;
  bool shown_ = false;
  llm::Usage usage_;
  std::optional<llm::StopReason> stop_;
};

}  // namespace caprock::rag
