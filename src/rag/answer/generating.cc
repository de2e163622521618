#include "rag/answer/generating.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <tuple>
#include <utility>

#include "base/log.h"
#include "rag/answer/context_builder.h"
#include "rag/answer/reply_reader.h"
#include "rag/answer/rewrite.h"

namespace caprock::rag {
namespace {

bool ends_everything(const base::Error& error) {
  return error.kind == base::ErrorKind::kCancelled || error.kind == base::ErrorKind::kDeadlineExceeded;
}

bool is_context_overflow(const base::Error& error) {
  return error.kind == base::ErrorKind::kUnprocessable && error.field == "messages";
}

void add(RetrieveTimings& sum, const RetrieveTimings& timings) {
  sum.embed_ms += timings.embed_ms;
  sum.text_ms += timings.text_ms;
  sum.vector_ms += timings.vector_ms;
  sum.fuse_ms += timings.fuse_ms;
  sum.load_ms += timings.load_ms;
}

double milliseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

/// One question on its way; lives in the frame of `generate`.
class Generation {
 public:
  Generation(const base::RequestContext& context, GeneratorParts parts, const AnswerSettings& settings,
             AskRequest request, AnswerSink sink)
      : context_(context),
        parts_(parts),
        settings_(settings),
        request_(std::move(request)),
        sink_(std::move(sink)) {
    model_ = request_.model.empty() ? settings_.model : request_.model;
    answer_.model = model_;
    budget_ = static_cast<std::uint32_t>(settings_.context_tokens);
  }

  base::Awaitable<base::Result<Answer>> run() {
    CAPROCK_CO_CHECK(co_await plan());
    for (std::int64_t attempt = 0;; ++attempt) {
      CAPROCK_CO_CHECK(co_await search());
      const bool last = attempt >= settings_.retries;
      auto settled = co_await ask_model(last);
      if (!settled) co_return base::failure(std::move(settled).error());
      if (*settled) co_return std::move(answer_);
    }
  }

 private:
  // A call that does not say what it cost leaves the cost of the whole unknown.
  void count(const llm::Usage& usage) {
    answer_.usage += usage;
    answer_.cost_known = answer_.cost_known && usage.billed_nano_usd.has_value();
  }

  base::Awaitable<base::Result<void>> plan() {
    const std::string& question = request_.retrieve.query;
    plan_.question = stand_alone(question, request_.history);
    const bool follow_up = !request_.history.empty() && is_follow_up(question);
    const bool plans = !settings_.planner_model.empty() && (settings_.planner_queries > 0 || follow_up);
    if (plans || follow_up) CAPROCK_CO_CHECK(co_await plan_by_model(plans ? settings_.planner_queries : 0));
    answer_.standalone_question = plan_.question;
    co_return base::Result<void>{};
  }

  /// A plan is a help, not a need: without one the question itself is searched.
  base::Awaitable<base::Result<void>> plan_by_model(std::int64_t queries) {
    const std::string& planner = settings_.planner_model.empty() ? model_ : settings_.planner_model;
    auto stream = co_await parts_.model.converse(
        context_, plan_request(planner, request_.retrieve.query, request_.history, queries));
    if (!stream) co_return forgiven(stream.error());
    auto reply = co_await llm::collect(**stream);
    if (!reply) co_return forgiven(reply.error());
    count(reply->metadata.usage);
    plan_ = read_plan(llm::text_of(reply->message), plan_.question, queries);
    co_return base::Result<void>{};
  }

  base::Result<void> forgiven(const base::Error& error) const {
    if (ends_everything(error)) return base::failure(error);
    base::log_error(context_, "no plan, the question itself is searched", error);
    return {};
  }

  base::Awaitable<base::Result<void>> search() {
    std::vector<Retrieval> found;
    std::vector<std::string> queries{plan_.question};
    queries.insert(queries.end(), plan_.queries.begin(), plan_.queries.end());
    RetrieveRequest request = request_.retrieve;
    request.top_k = std::min<std::uint32_t>(request.top_k * widening_, 10'000);
    for (const std::string& query : queries) {
      request.query = query;
      const auto start = std::chrono::steady_clock::now();
      auto retrieval = co_await parts_.finder.retrieve(context_, request);
      answer_.answer_ms -= milliseconds_since(start);  // the caller adds the whole time
      if (!retrieval) co_return base::failure(std::move(retrieval).error());
      if (retrieval->usage.total() > 0) count(retrieval->usage);
      add(answer_.timings, retrieval->timings);
      found.push_back(std::move(*retrieval));
    }
    retrieval_ = {.degraded = found.front().degraded,
                  .query_vector = found.front().query_vector,
                  .query_model = found.front().query_model};
    retrieval_.timings = answer_.timings;
    const std::size_t limit = std::size_t{request.top_k} * (queries.size() > 1 ? 2U : 1U);
    retrieval_.passages = merge_retrievals(std::move(found), limit);
    answer_.degraded = retrieval_.degraded;
    if (!sink_) co_return base::Result<void>{};
    Retrieved event{.retrieval = retrieval_, .standalone_question = answer_.standalone_question};
    co_return co_await sink_(AnswerEvent(event));
  }

  /// True when the answer (or the abstention) stands, false when another attempt may do better.
  base::Awaitable<base::Result<bool>> ask_model(bool last) {
    const PromptContext prompt = build_context(retrieval_.passages, budget_);
    if (prompt.refs.empty()) co_return abstain("nothing in the documents has to do with the question");
    const ReplySources sources{.chunks = parts_.chunks,
                               .collection = request_.retrieve.collection,
                               .prompt = prompt,
                               .passages = retrieval_.passages};
    ReplyReader reader(context_, sources, sink_, !last);
    auto read = co_await converse(reader, prompt);
    count(reader.usage());
    if (!read) {
      if (last || reader.shown() || !is_context_overflow(read.error()))
        co_return base::failure(std::move(read).error());
      budget_ = std::max<std::uint32_t>(200, std::min(budget_, prompt.tokens) / 2);
      co_return false;
    }
    if (!reader.shown() && !last && (reader.blank() || reader.ungrounded())) {
      ++widening_;
      co_return false;
    }
    const bool blank = reader.blank();
    if (!blank) answer_.passages = shown_to_model(prompt);
    CAPROCK_CO_CHECK(co_await finish(reader, blank));
    co_return true;
  }

  base::Awaitable<base::Result<void>> converse(ReplyReader& reader, const PromptContext& prompt) {
    auto stream = co_await parts_.model.converse(context_, answer_request(model_, plan_.question, prompt));
    if (!stream) co_return base::failure(std::move(stream).error());
    co_return co_await reader.read(**stream);
  }

  base::Awaitable<base::Result<void>> finish(ReplyReader& reader, bool blank) {
    if (!blank) co_return co_await reader.finish_into(answer_);
    abstain(reader.explanation().empty() ? "the model found no answer in the nearest passages"
                                         : reader.explanation());
    answer_.explanation = reader.explanation();
    co_return base::Result<void>{};
  }

  bool abstain(std::string reason) {
    answer_.abstained = true;
    answer_.text = kUnableToAnswer;
    answer_.reason = std::move(reason);
    answer_.passages = retrieval_.passages;
    return true;
  }

  std::vector<Passage> shown_to_model(const PromptContext& prompt) const {
    std::vector<Passage> passages;
    passages.reserve(prompt.refs.size());
    for (const std::size_t i : prompt.refs) passages.push_back(retrieval_.passages[i]);
    return passages;
  }

  const base::RequestContext& context_;
  GeneratorParts parts_;
  const AnswerSettings& settings_;
  AskRequest request_;
  AnswerSink sink_;
  std::string model_;
  Plan plan_;
  Retrieval retrieval_;
  Answer answer_;
  std::uint32_t widening_ = 1;
  std::uint32_t budget_ = 0;
};

}  // namespace

base::Awaitable<base::Result<Answer>> generate(const base::RequestContext& context, GeneratorParts parts,
                                               const AnswerSettings& settings, AskRequest request,
                                               AnswerSink sink) {
  Generation generation(context, parts, settings, std::move(request), std::move(sink));
  co_return co_await generation.run();
}

std::vector<Passage> merge_retrievals(std::vector<Retrieval> retrievals, std::size_t limit) {
  std::vector<Passage> merged;
  if (retrievals.size() == 1) {
    merged = std::move(retrievals.front().passages);
  } else {
    std::map<stores::ChunkKey, std::pair<Passage, std::size_t>> found;
    for (Retrieval& retrieval : retrievals) {
      for (Passage& passage : retrieval.passages) {
        auto [it, fresh] = found.try_emplace(passage.key, passage, 0);
        ++it->second.second;
        if (!fresh) it->second.first.score = std::max(it->second.first.score, passage.score);
      }
    }
    for (auto& [key, entry] : found) {
      auto& [passage, count] = entry;
      passage.score =
          0.6 * passage.score + 0.4 * static_cast<double>(count) / static_cast<double>(retrievals.size());
      merged.push_back(std::move(passage));
    }
    std::ranges::sort(merged, {},
                      [](const Passage& passage) { return std::tuple(-passage.score, passage.key); });
  }
  if (merged.size() > limit) merged.resize(limit);
  return merged;
}

}  // namespace caprock::rag
