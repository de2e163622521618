#include "agent/conversation/turn.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <mutex>
#include <vector>

#include "base/event.h"

namespace caprock::agent {

namespace asio = boost::asio;
using base::Error;
using base::ErrorKind;
using base::failure;

struct TurnPlace {
  TurnPlace(const asio::any_io_executor& executor, std::uint64_t seen) : after(seen), event(executor) {}
  std::uint64_t after;  ///< id of the last event taken; guarded by the turn's mutex
  base::Event event;
};

struct Turn::State {
  State(asio::any_io_executor ex, Settings s)
      : executor(std::move(ex)), settings(s), space(executor), leaving(executor) {}

  // Drops what every reader has taken (or what nobody waits for) until the bound holds. Mutex held.
  bool trim() {
    const auto taken = [&](const auto& place) { return place->after >= first; };
    while (bytes > settings.max_bytes && events.size() > 1 && std::ranges::all_of(readers, taken)) {
      bytes -= size_of(*events.front());
      events.pop_front();
      ++first;
    }
    return bytes <= settings.max_bytes || events.size() <= 1;
  }

  void add(TurnEvent event) {
    const std::scoped_lock lock(mutex);
    bytes += size_of(event);
    events.push_back(std::make_shared<const TurnEvent>(std::move(event)));
    for (const auto& reader : readers) reader->event.signal();
  }

  const asio::any_io_executor executor;
  const Settings settings;
  std::mutex mutex;
  std::deque<std::shared_ptr<const TurnEvent>> events;
  std::uint64_t first = 1;  ///< id of events.front()
  std::size_t bytes = 0;
  bool ended = false;
  std::vector<std::shared_ptr<TurnPlace>> readers;
  base::Event space;           ///< waited for by the writer
  asio::steady_timer leaving;  ///< runs while there is no reader; touched on the executor only
  std::stop_source stop;
};

namespace {

constexpr std::size_t kEventOverhead = 64;

std::size_t passage_bytes(const rag::Passage& passage) {
  return sizeof passage + passage.chunk.content.size() + passage.chunk.context.size() + passage.title.size() +
         passage.chunk.boxes.size() * sizeof(stores::LineBox);
}

struct Size {
  std::size_t operator()(const TurnStarted&) const { return sizeof(TurnStarted); }
  std::size_t operator()(const TurnRetrieved& e) const {
    std::size_t bytes = e.standalone_question.size();
    for (const auto& passage : e.passages) bytes += passage_bytes(passage);
    return bytes;
  }
  std::size_t operator()(const TurnToken& e) const { return e.text.size(); }
  std::size_t operator()(const TurnCitation& e) const {
    return sizeof e + e.citation.quote.size() + e.citation.boxes.size() * sizeof(stores::LineBox);
  }
  std::size_t operator()(const TurnDone& e) const {
    return sizeof e + e.reply.text.size() + e.reply.record_json.size();
  }
  std::size_t operator()(const TurnFailed& e) const { return sizeof e; }
};

}  // namespace

std::size_t size_of(const TurnEvent& event) { return kEventOverhead + std::visit(Size{}, event); }

Turn::Turn(std::string id, base::Principal owner, asio::any_io_executor executor, Settings settings)
    : id_(std::move(id)),
      owner_(std::move(owner)),
      state_(std::make_shared<State>(std::move(executor), settings)) {}

Turn::~Turn() = default;

base::Awaitable<base::Result<void>> Turn::put(TurnEvent event) {
  const auto state = state_;
  state->add(std::move(event));
  while (!state->stop.stop_requested()) {
    {
      const std::scoped_lock lock(state->mutex);
      if (state->trim()) co_return base::Result<void>{};
    }
    co_await state->space.wait(std::chrono::seconds(1));
  }
  co_return failure(Error(ErrorKind::kCancelled, "The turn was stopped."));
}

void Turn::end(TurnEvent last) {
  {
    const std::scoped_lock lock(state_->mutex);
    state_->ended = true;
  }
  state_->add(std::move(last));
  asio::post(state_->executor, [state = state_] { state->leaving.cancel(); });
}

bool Turn::ended() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->ended;
}

void Turn::stop() {
  state_->stop.request_stop();
  state_->space.signal();
}

std::stop_token Turn::stopped() const { return state_->stop.get_token(); }

TurnReader::TurnReader(std::shared_ptr<Turn> turn, const asio::any_io_executor& executor, std::uint64_t after)
    : turn_(std::move(turn)), place_(std::make_shared<TurnPlace>(executor, after)) {
  const auto state = turn_->state_;
  {
    const std::scoped_lock lock(state->mutex);
    state->readers.push_back(place_);
  }
  asio::post(state->executor, [state] { state->leaving.cancel(); });
}

TurnReader::~TurnReader() {
  const auto state = turn_->state_;
  {
    const std::scoped_lock lock(state->mutex);
    std::erase(state->readers, place_);
    if (state->ended || !state->readers.empty()) return;
  }
  state->space.signal();
  asio::post(state->executor, [state] {
    state->leaving.expires_after(state->settings.detached_for);
    state->leaving.async_wait([state](const boost::system::error_code& error) {
      if (error) return;
      std::unique_lock lock(state->mutex);
      const bool abandoned = state->readers.empty();
      lock.unlock();
      if (abandoned) state->stop.request_stop();
    });
  });
}

base::Awaitable<base::Result<TurnStep>> TurnReader::next(const base::RequestContext& context,
                                                         std::chrono::milliseconds timeout) {
  const auto state = turn_->state_;
  const auto place = place_;
  const std::stop_callback wake(context.cancelled, [place] { place->event.signal(); });
  bool waited = false;
  while (true) {
    CAPROCK_CO_CHECK(context.check());
    {
      const std::scoped_lock lock(state->mutex);
      const auto wanted = place->after + 1;
      if (wanted < state->first) {
        co_return failure(Error(ErrorKind::kConflict,
                                "The events asked for are no longer kept; read the conversation instead."));
      }
      if (wanted - state->first < state->events.size()) {
        place->after = wanted;
        if (state->bytes > state->settings.max_bytes) state->space.signal();
        const auto at = static_cast<std::ptrdiff_t>(wanted - state->first);
        co_return TurnStep{.event = state->events[static_cast<std::size_t>(at)], .id = wanted};
      }
      if (state->ended) co_return TurnStep{.ended = true};
    }
    if (waited) co_return TurnStep{};
    // A signal may be an old one: only the time itself ends the waiting.
    waited = !co_await place->event.wait(timeout);
  }
}

}  // namespace caprock::agent
