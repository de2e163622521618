#include "server/accepted_connection.h"

#include <algorithm>

#include "server/http1_connection.h"
#include "server/wire.h"

namespace caprock::server {
namespace {

// Bodies are read in pieces of up to this.
constexpr std::size_t kBodyPiece = 64 * 1024UL;

class AcceptedConnection final : public Connection {
 public:
  AcceptedConnection(std::unique_ptr<Transport> transport, Dispatcher& dispatcher, const Settings& settings,
                     Http2Metrics& metrics, boost::asio::any_io_executor executor, bool overloaded)
      : dispatcher_(dispatcher),
        settings_(settings),
        metrics_(metrics),
        executor_(std::move(executor)),
        overloaded_(overloaded),
        wire_(std::move(transport),
              {.input = std::max<std::size_t>(settings.max_header.count, kBodyPiece) + 4096,
               .write_timeout = settings.write_timeout},
              executor_) {}

  base::Awaitable<void> run() override;
  void tick(base::MonoTime now) override {
    wire_.tick(now);
    if (speaker_) speaker_->tick(now);
  }
  void drain() override {
    draining_ = true;
    if (speaker_)
      speaker_->drain();
    else
      wire_.interrupt();
  }
  void stop(StopCause cause) override {
    if (speaker_) speaker_->stop(cause);
  }
  void abort() override { wire_.abort(); }

 private:
  base::Awaitable<void> speak(std::unique_ptr<Connection> protocol);

  Dispatcher& dispatcher_;
  const Settings& settings_;
  Http2Metrics& metrics_;
  boost::asio::any_io_executor executor_;
  const bool overloaded_;
  Wire wire_;
  std::unique_ptr<Connection> speaker_;
  bool draining_ = false;
};

base::Awaitable<void> AcceptedConnection::run() {
  if (!co_await wire_.handshake(settings_.header_timeout)) {
    wire_.abort();
    co_return;
  }
  bool http2 = wire_.agreed_protocol() == "h2";
  if (!http2) {
    const bool by_preface = settings_.http2 && !wire_.secure();
    co_await speak(http1_connection(wire_, dispatcher_, settings_,
                                    {.overloaded = overloaded_, .http2 = by_preface ? &http2 : nullptr}));
  }
  if (http2) co_await speak(http2_connection(wire_, dispatcher_, settings_, metrics_, executor_));
}

base::Awaitable<void> AcceptedConnection::speak(std::unique_ptr<Connection> protocol) {
  speaker_ = std::move(protocol);
  if (draining_) speaker_->drain();
  co_await speaker_->run();
}

}  // namespace

std::unique_ptr<Connection> accepted_connection(std::unique_ptr<Transport> transport, Dispatcher& dispatcher,
                                                const Settings& settings, Http2Metrics& metrics,
                                                const boost::asio::any_io_executor& executor,
                                                bool overloaded) {
  return std::make_unique<AcceptedConnection>(std::move(transport), dispatcher, settings, metrics, executor,
                                              overloaded);
}

}  // namespace caprock::server
