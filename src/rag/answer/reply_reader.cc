#include "rag/answer/reply_reader.h"

#include <utility>
#include <variant>

#include "rag/answer/prompts.h"

namespace caprock::rag {
namespace {

constexpr std::size_t kLongestReply = 1U << 20;  // bytes; no answer is a megabyte

base::Error too_long() {
  return base::Error(base::ErrorKind::kUpstream, "the model's reply is too long")
      .with_detail("reply above 1 MiB");
}

}  // namespace

base::Awaitable<base::Result<void>> ReplyReader::read(llm::ChatStream& stream) {
  while (true) {
    auto event = co_await stream.next();
    if (!event) co_return base::failure(std::move(event).error());
    if (!event->has_value()) break;
    CAPROCK_CO_CHECK(co_await take(std::move(**event)));
  }
  co_return base::Result<void>{};
}

base::Awaitable<base::Result<void>> ReplyReader::take(llm::StreamEvent event) {
  if (auto* text = std::get_if<llm::TextDelta>(&event)) {
    CAPROCK_CO_CHECK(co_await take_text(std::move(text->text)));
  } else if (const auto* stop = std::get_if<llm::MessageStop>(&event)) {
    stop_ = stop->reason;
  } else if (const auto* metadata = std::get_if<llm::StreamMetadata>(&event)) {
    usage_ = metadata->usage;
    model_ = metadata->model;
  }
  co_return base::Result<void>{};
}

base::Awaitable<base::Result<void>> ReplyReader::take_text(std::string text) {
  if (whole_.size() + text.size() > kLongestReply) co_return base::failure(too_long());
  whole_ += text;
  for (JsonFieldStream::Piece& piece : json_.push(text))
    CAPROCK_CO_CHECK(co_await take_piece(std::move(piece)));
  co_return base::Result<void>{};
}

base::Awaitable<base::Result<void>> ReplyReader::take_piece(JsonFieldStream::Piece piece) {
  if (piece.field == "explanation") {
    explanation_ += piece.text;
  } else if (piece.field == "answer_value") {
    value_ += piece.text;
  } else if (piece.field == "quotes" && piece.json) {
    CAPROCK_CO_CHECK(co_await check(std::move(piece.text)));
  } else if (piece.field == "answer") {
    raw_answer_ += piece.text;
    pending_ += piece.text;
    if (!must_wait()) CAPROCK_CO_CHECK(co_await show(marks_.push(std::exchange(pending_, {}))));
  }
  co_return base::Result<void>{};
}

bool ReplyReader::must_wait() const {
  if (shown_) return false;
  return may_become_blank(raw_answer_) || is_blank_answer(raw_answer_) || (hold_ungrounded_ && ungrounded());
}

base::Awaitable<base::Result<void>> ReplyReader::check(std::string quotes_json) {
  const std::vector<ClaimedQuote> quotes = read_quotes(quotes_json);
  auto checked = co_await check_quotes(context_, sources_.chunks, sources_.collection, quotes,
                                       sources_.prompt, sources_.passages);
  if (!checked) co_return base::failure(std::move(checked).error());
  checked_ = std::move(*checked);
  marks_.assign(checked_.numbers);
  co_return base::Result<void>{};
}

base::Awaitable<base::Result<void>> ReplyReader::show(std::string text) {
  if (text.empty()) co_return base::Result<void>{};
  shown_ = true;
  if (!sink_) co_return base::Result<void>{};
  Token token{.text = std::move(text)};
  CAPROCK_CO_CHECK(co_await sink_(AnswerEvent(std::move(token))));
  co_return co_await show_citations();
}

/// Those whose mark has been shown.
base::Awaitable<base::Result<void>> ReplyReader::show_citations() {
  for (; citations_shown_ < marks_.spans().size(); ++citations_shown_) {
    for (Citation& citation : checked_.citations) {
      const auto span = marks_.spans().find(citation.number);
      if (span == marks_.spans().end() || citation.answer_span != stores::TextSpan{}) continue;
      citation.answer_span = span->second;
      CAPROCK_CO_CHECK(co_await sink_(AnswerEvent(citation)));
    }
  }
  co_return base::Result<void>{};
}

bool ReplyReader::blank() const {
  if (!json_.found()) return is_blank_answer(whole_);
  return is_blank_answer(raw_answer_);
}

bool ReplyReader::ungrounded() const { return checked_.citations.empty() && checked_.dropped > 0; }

std::string ReplyReader::form_problem() const {
  if (!json_.found()) return "the model did not answer in the asked form, so its answer could not be checked";
  if (stop_ == llm::StopReason::kMaxTokens) return "the model reached its token limit: the answer is cut";
  if (!json_.complete()) return "the model's reply was not whole: the answer may be cut";
  if (checked_.citations.empty())
    return "no quotation of the model was found in the documents: check this answer";
  return {};
}

base::Awaitable<base::Result<void>> ReplyReader::finish_into(Answer& answer) {
  if (!json_.found()) pending_ = whole_;
  CAPROCK_CO_CHECK(co_await show(marks_.push(std::exchange(pending_, {}))));
  CAPROCK_CO_CHECK(co_await show(marks_.finish()));
  for (Citation& citation : checked_.citations) {
    if (const auto span = marks_.spans().find(citation.number); span != marks_.spans().end()) {
      citation.answer_span = span->second;
    }
  }
  answer.text = marks_.text();
  answer.explanation = explanation_;
  answer.answer_value = value_;
  answer.citations = checked_.citations;
  answer.citations_dropped = checked_.dropped;
  const auto claimed = static_cast<double>(checked_.citations.size() + checked_.dropped);
  answer.confidence = claimed > 0 ? static_cast<double>(checked_.citations.size()) / claimed : 0;
  if (!model_.empty()) answer.model = model_;
  if (const std::string problem = form_problem(); !problem.empty()) {
    answer.degraded += (answer.degraded.empty() ? "" : "; ") + problem;
  }
  co_return base::Result<void>{};
}

}  // namespace caprock::rag
