#include "agent/conversation/chat_service.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <deque>
#include <exception>
#include <map>
#include <mutex>

#include "agent/conversation/answer_record.h"
#include "agent/conversation/history.h"
#include "base/log.h"
#include "base/task_group.h"
#include "base/trace.h"

namespace caprock::agent {

namespace asio = boost::asio;
using base::Awaitable;
using base::Error;
using base::ErrorKind;
using base::failure;
using base::Result;
using TurnPointer = std::shared_ptr<Turn>;

namespace {

constexpr std::string_view kDegraded =
    "The model cannot be reached right now, so there is no answer yet. Your message is kept; please try "
    "again in a "
    "moment.";
constexpr std::string_view kNothingFound = "The documents hold no answer to this.";

bool is_unreachable(ErrorKind kind) {
  return kind == ErrorKind::kUpstream || kind == ErrorKind::kUnavailable ||
         kind == ErrorKind::kDeadlineExceeded || kind == ErrorKind::kRateLimited;
}

// Keys of different users must not meet, though the store keeps them per tenant.
std::string claim_name(const base::RequestContext& context, const stores::IdempotencyEntry& entry) {
  return context.principal.tenant.str() + '\n' + context.principal.user + '\n' + entry.route + '\n' +
         entry.key;
}

Error key_is_being_started() {
  return Error(ErrorKind::kConflict, "A request with this Idempotency-Key is being started at this moment.")
      .with_field("Idempotency-Key")
      .with_retry_after(std::chrono::seconds(1));
}

// The user's message as it is in the conversation, and its answer when it has one already.
struct Kept {
  stores::ConversationId conversation;
  std::uint64_t sequence = 0;
  std::optional<stores::StoredMessage> answer;
};

ChatReply reply_of(const Kept& kept, const stores::StoredMessage& answer) {
  return {.conversation = kept.conversation,
          .message_sequence = kept.sequence,
          .text = llm::text_of(answer.message),
          .user = answer.user,
          .at = answer.at,
          .model = answer.model,
          .record_json = answer.extra_json};
}

}  // namespace

struct ChatService::State {
  State(Parts p, const ChatSettings& s) : parts(std::move(p)), settings(s), tasks(parts.executor) {}

  Result<TurnPointer> claim(const std::string& name);
  Result<void> admit(const TurnPointer& turn, const std::string& name);
  void finish(const TurnPointer& turn, const std::string& name);
  void release(const std::string& name);
  TurnPointer find(const std::string& id);

  const Parts parts;
  const ChatSettings settings;
  std::mutex mutex;
  std::map<std::string, TurnPointer, std::less<>> running;
  std::deque<TurnPointer> finished;  ///< oldest first
  std::map<std::string, TurnPointer, std::less<>>
      keys;  ///< of requests in the works; null before their turn exists
  base::TaskGroup tasks;
};

// A turn that runs under this name; null when the caller is the first and holds the name now.
Result<TurnPointer> ChatService::State::claim(const std::string& name) {
  const std::scoped_lock lock(mutex);
  const auto [place, first] = keys.try_emplace(name);
  if (first) return TurnPointer();
  if (!place->second) return failure(key_is_being_started());
  return place->second;
}

Result<void> ChatService::State::admit(const TurnPointer& turn, const std::string& name) {
  const std::scoped_lock lock(mutex);
  if (running.size() >= static_cast<std::size_t>(settings.running)) {
    return failure(Error(ErrorKind::kUnavailable, "Too many chat turns are running.")
                       .with_retry_after(std::chrono::seconds(2)));
  }
  running.emplace(turn->id(), turn);
  if (!name.empty()) keys[name] = turn;
  return {};
}

void ChatService::State::finish(const TurnPointer& turn, const std::string& name) {
  const std::scoped_lock lock(mutex);
  running.erase(turn->id());
  if (!name.empty()) keys.erase(name);
  finished.push_back(turn);
  if (finished.size() > static_cast<std::size_t>(settings.kept)) finished.pop_front();
}

void ChatService::State::release(const std::string& name) {
  const std::scoped_lock lock(mutex);
  if (const auto found = keys.find(name); found != keys.end() && !found->second) keys.erase(found);
}

TurnPointer ChatService::State::find(const std::string& id) {
  const std::scoped_lock lock(mutex);
  if (const auto found = running.find(id); found != running.end()) return found->second;
  const auto found = std::ranges::find(finished, id, [](const auto& turn) { return turn->id(); });
  return found == finished.end() ? nullptr : *found;
}

namespace {

Awaitable<Result<std::optional<stores::StoredMessage>>> find_answer(stores::ConversationStore& store,
                                                                    const base::RequestContext& context,
                                                                    stores::ConversationId id,
                                                                    std::uint64_t sequence) {
  stores::PageRequest page{.limit = 200};
  do {
    CAPROCK_CO_TRY(auto found, co_await store.messages(context, id, page));
    for (auto& message : found.items) {
      if (message.sequence > sequence && reply_to_of(message.extra_json) == sequence)
        co_return std::move(message);
    }
    page.cursor = std::move(found.next_cursor);
  } while (!page.cursor.empty());
  co_return std::optional<stores::StoredMessage>();
}

// Keeps the user's message durably, once.
Awaitable<Result<Kept>> keep_message(const ChatService::Parts& parts, const base::RequestContext& context,
                                     const ChatTurn& turn) {
  auto& store = parts.conversations;
  auto once = turn.once;
  std::optional<stores::IdempotencyEntry> earlier;
  if (once) {
    CAPROCK_CO_TRY(earlier, co_await store.find_once(context, *once));
  }
  Kept kept{.conversation = turn.conversation.value_or(stores::ConversationId(base::new_uuid()))};
  if (earlier) kept.conversation = stores::ConversationId(earlier->resource);
  if (turn.conversation && !earlier) CAPROCK_CO_CHECK(co_await store.get(context, kept.conversation));
  if (once) once->resource = kept.conversation.str();

  stores::StoredMessage message{.message = llm::text_message(llm::Role::kUser, turn.message),
                                .user = context.principal.user,
                                .at = parts.clock.wall()};
  CAPROCK_CO_TRY(kept.sequence,
                 co_await store.append(context, kept.conversation, std::move(message), std::move(once)));
  if (earlier) {
    CAPROCK_CO_TRY(kept.answer, co_await find_answer(store, context, kept.conversation, kept.sequence));
  }
  co_return kept;
}

// Passes on what the answerer tells; by value, for it is awaited from inside the answerer.
Awaitable<Result<void>> forward(TurnPointer turn, std::shared_ptr<bool> spoke, rag::AnswerEvent event) {
  if (const auto* found = std::get_if<rag::Retrieved>(&event)) {
    TurnRetrieved retrieved{.standalone_question = found->standalone_question,
                            .passages = found->retrieval.passages};
    co_return co_await turn->put(std::move(retrieved));
  }
  if (auto* token = std::get_if<rag::Token>(&event)) {
    *spoke = true;
    co_return co_await turn->put(TurnToken{std::move(token->text)});
  }
  co_return co_await turn->put(TurnCitation{std::move(std::get<rag::Citation>(event))});
}

Awaitable<Result<std::vector<rag::Turn>>> history_before(const ChatService::Parts& parts,
                                                         const base::RequestContext& context,
                                                         const Kept& kept, std::uint32_t window) {
  if (kept.sequence <= 1 || window == 0) co_return std::vector<rag::Turn>();
  CAPROCK_CO_TRY(auto messages, co_await parts.conversations.last(context, kept.conversation, window + 1));
  std::erase_if(messages, [&](const auto& message) { return message.sequence >= kept.sequence; });
  co_return turns_of(messages);
}

Awaitable<Result<ChatReply>> keep_answer(const ChatService::Parts& parts, const base::RequestContext& context,
                                         const Kept& kept, const rag::Answer& answer) {
  std::string text = answer.text.empty() ? answer.reason : answer.text;
  if (text.empty()) text = kNothingFound;
  stores::StoredMessage message{.message = llm::text_message(llm::Role::kAssistant, std::move(text)),
                                .user = context.principal.user,
                                .model = answer.model,
                                .at = parts.clock.wall(),
                                .extra_json = answer_record(answer, kept.sequence)};
  auto reply = reply_of(kept, message);
  CAPROCK_CO_CHECK(
      co_await parts.conversations.append(context, kept.conversation, std::move(message), std::nullopt));
  co_return reply;
}

Awaitable<Result<ChatReply>> answer_turn(const ChatService::Parts& parts, const base::RequestContext& context,
                                         TurnPointer turn, const ChatTurn& asked, const Kept& kept,
                                         std::uint32_t window) {
  CAPROCK_CO_CHECK(co_await turn->put(TurnStarted{turn->id(), kept.conversation, kept.sequence}));
  rag::AskRequest request{
      .retrieve = {.query = asked.message, .collection = asked.collection, .top_k = asked.top_k},
      .model = asked.model};
  CAPROCK_CO_TRY(request.history, co_await history_before(parts, context, kept, window));

  const auto spoke = std::make_shared<bool>(false);
  const rag::AnswerSink sink = [turn, spoke](rag::AnswerEvent event) {
    return forward(turn, spoke, std::move(event));
  };
  auto answer = co_await parts.answerer.ask(context, std::move(request), sink);
  if (answer) co_return co_await keep_answer(parts, context, kept, *answer);
  // Once words have gone out the turn can only break off: a friendly reply would contradict them.
  if (*spoke || !is_unreachable(answer.error().kind)) co_return failure(std::move(answer).error());
  base::log_error(context, "the model cannot be reached; a degraded reply is given", answer.error());
  co_return ChatReply{.conversation = kept.conversation,
                      .message_sequence = kept.sequence,
                      .text = std::string(kDegraded),
                      .user = context.principal.user,
                      .at = parts.clock.wall(),
                      .degraded = true};
}

Error explain(Error error, bool shutting_down) {
  if (error.kind != ErrorKind::kCancelled) return error;
  if (!shutting_down)
    return {ErrorKind::kCancelled, "The turn was stopped: nobody has read it for too long."};
  return Error(ErrorKind::kUnavailable, "The server is shutting down.")
      .with_retry_after(std::chrono::seconds(5));
}

// Ends the turn whatever happens: readers wait for its last event.
Awaitable<TurnEvent> last_event(const ChatService::Parts& parts, const base::RequestContext& context,
                                TurnPointer turn, const ChatTurn& asked, const Kept& kept,
                                std::uint32_t window, std::stop_token shutdown) {
  try {
    auto reply = co_await answer_turn(parts, context, turn, asked, kept, window);
    if (reply) co_return TurnDone{std::move(*reply)};
    base::log_error(context, "chat turn failed", reply.error());
    co_return TurnFailed{explain(std::move(reply).error(), shutdown.stop_requested())};
  } catch (const std::exception& e) {
    co_return TurnFailed{base::internal_error(e.what())};
  }
}

struct Job {
  std::shared_ptr<Turn> turn;
  base::RequestContext context;
  ChatTurn asked;
  Kept kept;
  std::string name;  ///< of the claim, or empty
};

}  // namespace

namespace {

// Everything by value: nobody waits for it.
template <class StatePointer>
Awaitable<void> run_turn(StatePointer state, Job job, std::stop_token shutdown) {
  const std::stop_callback link(shutdown, [turn = job.turn] { turn->stop(); });
  auto last = co_await last_event(state->parts, job.context, job.turn, job.asked, job.kept,
                                  static_cast<std::uint32_t>(state->settings.window), shutdown);
  // The name is free before the reader knows: a client that tries again at once gets a new turn, not this
  // one.
  state->finish(job.turn, job.name);
  job.turn->end(std::move(last));
}

// Gives the name back unless a turn has taken it over.
template <class StatePointer>
class NameGuard {
 public:
  NameGuard(StatePointer state, std::string name) : state_(std::move(state)), name_(std::move(name)) {}
  ~NameGuard() {
    if (!name_.empty()) state_->release(name_);
  }
  NameGuard(const NameGuard&) = delete;
  NameGuard& operator=(const NameGuard&) = delete;

 private:
  StatePointer state_;
  std::string name_;
};

}  // namespace

ChatService::ChatService(Parts parts, const ChatSettings& settings)
    : state_(std::make_shared<State>(std::move(parts), settings)) {}

ChatService::~ChatService() = default;

Awaitable<Result<std::unique_ptr<TurnReader>>> ChatService::start(const base::RequestContext& context,
                                                                  ChatTurn turn) {
  const auto state = state_;
  const auto executor = co_await asio::this_coro::executor;
  const std::string name = turn.once ? claim_name(context, *turn.once) : std::string();
  if (turn.once) {
    CAPROCK_CO_TRY(auto running, state->claim(name));
    if (running) {
      // The store says whether the body is the same.
      CAPROCK_CO_CHECK(co_await state->parts.conversations.find_once(context, *turn.once));
      co_return std::make_unique<TurnReader>(std::move(running), executor, 0);
    }
  }
  const NameGuard guard(state, name);
  auto running = std::make_shared<Turn>(base::new_uuid(), context.principal, state->parts.executor,
                                        Turn::Settings{.max_bytes = state->settings.turn_memory.count,
                                                       .detached_for = state->settings.detached_for});
  CAPROCK_CO_TRY(auto kept, co_await keep_message(state->parts, context, turn));
  auto reader = std::make_unique<TurnReader>(running, executor, 0);
  if (kept.answer) {
    CAPROCK_CO_CHECK(co_await running->put(TurnStarted{running->id(), kept.conversation, kept.sequence}));
    running->end(TurnDone{reply_of(kept, *kept.answer)});
    state->finish(running, "");
    co_return reader;
  }
  CAPROCK_CO_CHECK(state->admit(running, name));
  Job job{
      .turn = running, .context = context, .asked = std::move(turn), .kept = std::move(kept), .name = name};
  // The turn outlives its request: its own stop and deadline replace the request's.
  job.context.cancelled = running->stopped();
  job.context.deadline = base::Deadline::after(state->settings.turn_limit);
  asio::post(state->parts.executor, [state, job = std::move(job)]() mutable {
    auto shared = std::make_shared<Job>(std::move(job));
    state->tasks.spawn("chat turn", [state, shared](std::stop_token stop) {
      return run_turn(state, std::move(*shared), std::move(stop));
    });
  });
  co_return reader;
}

Awaitable<Result<std::unique_ptr<TurnReader>>> ChatService::follow(const base::RequestContext& context,
                                                                   std::string id, std::uint64_t after) {
  const auto turn = state_->find(id);
  const auto& me = context.principal;
  if (!turn || turn->owner().tenant != me.tenant || turn->owner().user != me.user) {
    co_return failure(
        base::not_found("There is no such chat turn, or it ended too long ago: read the conversation."));
  }
  co_return std::make_unique<TurnReader>(turn, co_await asio::this_coro::executor, after);
}

Awaitable<Result<ChatReply>> ChatService::turn(const base::RequestContext& context, ChatTurn turn,
                                               TurnSink sink) {
  CAPROCK_CO_TRY(const auto reader, co_await start(context, std::move(turn)));
  while (true) {
    CAPROCK_CO_TRY(const auto step, co_await reader->next(context, std::chrono::minutes(1)));
    if (step.ended) co_return failure(base::internal_error("a chat turn ended without a last event"));
    if (!step.event) continue;
    if (sink) CAPROCK_CO_CHECK(co_await sink(*step.event, step.id));
    if (const auto* done = std::get_if<TurnDone>(step.event.get())) co_return done->reply;
    if (const auto* failed = std::get_if<TurnFailed>(step.event.get())) co_return failure(failed->error);
  }
}

Awaitable<void> ChatService::stop() {
  const auto state = state_;
  state->tasks.request_stop();
  co_await state->tasks.join();
}

}  // namespace caprock::agent
