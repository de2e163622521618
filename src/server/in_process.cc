#include "server/in_process.h"

namespace caprock::server {
namespace {

class TextBody final : public BodyReader {
 public:
  explicit TextBody(std::string text) : text_(std::move(text)) {}
  base::Awaitable<base::Result<std::optional<std::string>>> read() override {
    if (text_.empty()) co_return std::nullopt;
    co_return std::exchange(text_, {});
  }

 private:
  std::string text_;
};

class CollectingSink final : public ResponseSink {
 public:
  CollectingSink(const InProcess::Receiver& receiver,
                 const std::function<void(const LocalResponse&)>& on_start)
      : receiver_(receiver), on_start_(on_start) {}

  base::Awaitable<base::Result<void>> start(int status, Headers headers,
                                            std::optional<std::uint64_t> content_length) override {
    if (content_length && !headers.has("content-length"))
      headers.add("content-length", std::to_string(*content_length));
    response_.status = status;
    response_.headers = std::move(headers);
    if (on_start_) on_start_(response_);
    co_return base::Result<void>{};
  }
  base::Awaitable<base::Result<void>> write(std::string bytes) override {
    if (receiver_) co_return co_await receiver_(std::move(bytes));
    response_.body += bytes;
    co_return base::Result<void>{};
  }
  base::Awaitable<base::Result<void>> finish() override {
    response_.complete = true;
    co_return base::Result<void>{};
  }
  bool started() const override { return response_.status != 0; }
  LocalResponse take() { return std::move(response_); }

 private:
  const InProcess::Receiver& receiver_;
  const std::function<void(const LocalResponse&)>& on_start_;
  LocalResponse response_;
};

}  // namespace

base::Awaitable<LocalResponse> InProcess::call(LocalRequest request, const RequestStop& stop,
                                               Receiver receiver,
                                               std::function<void(const LocalResponse&)> started) {
  Request arrived;
  arrived.method = std::move(request.method);
  arrived.target = std::move(request.target);
  arrived.scheme = "http";
  arrived.authority = "localhost";
  arrived.headers = std::move(request.headers);
  if (!request.body.empty()) arrived.headers.set("content-length", std::to_string(request.body.size()));
  arrived.body = std::make_unique<TextBody>(std::move(request.body));
  CollectingSink sink(receiver, started);
  // Somebody waits at the terminal, for as long as it takes.
  const auto deadline = base::Deadline::after(std::chrono::hours(24));
  co_await dispatcher_.handle(std::move(arrived), sink,
                              Arrival{.stop = stop, .deadline = deadline, .principal = local_owner()});
  co_return sink.take();
}

}  // namespace caprock::server
