#include "gateway/leash.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace caprock::gateway {

namespace asio = boost::asio;

struct Leash::State : std::enable_shared_from_this<State> {
  State(DrainLimits from, const asio::any_io_executor& executor) : limits(from), timer(executor) {}

  // On the loop of the call.
  void begin() {
    if (std::exchange(begun, true)) return;
    timer.expires_after(limits.time);
    timer.async_wait([weak = weak_from_this()](boost::system::error_code error) {
      const auto state = weak.lock();
      if (!error && state) state->stop.request_stop();
    });
  }

  const DrainLimits limits;
  std::stop_source stop;
  asio::steady_timer timer;
  std::uint64_t bytes = 0;
  bool begun = false;
};

void Leash::Begin::operator()() const {
  const auto held = state.lock();
  if (held) asio::post(held->timer.get_executor(), [held] { held->begin(); });
}

Leash::Leash(std::stop_token reader, DrainLimits limits, asio::any_io_executor executor)
    : reader_(std::move(reader)), state_(std::make_shared<State>(limits, executor)) {
  callback_.emplace(reader_, Begin{state_});
}

Leash::~Leash() = default;

std::stop_token Leash::token() const { return state_->stop.get_token(); }
void Leash::begin() { state_->begin(); }
asio::any_io_executor Leash::executor() const { return state_->timer.get_executor(); }

namespace {

struct TextSize {
  std::size_t operator()(const llm::TextDelta& e) const { return e.text.size(); }
  std::size_t operator()(const llm::ReasoningDelta& e) const { return e.text.size(); }
  std::size_t operator()(const llm::RefusalDelta& e) const { return e.text.size(); }
  std::size_t operator()(const llm::ToolInputDelta& e) const { return e.json.size(); }
  template <class Other>
  std::size_t operator()(const Other&) const {
    return 0;
  }
};

}  // namespace

void Leash::count(const llm::StreamEvent& event) {
  state_->bytes += std::visit(TextSize{}, event);
  if (state_->bytes > state_->limits.bytes) state_->stop.request_stop();
}

}  // namespace caprock::gateway
