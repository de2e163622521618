#include "app/cli/in_process_api_client.h"

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <future>

namespace caprock::app {
namespace {

namespace asio = boost::asio;
using base::Awaitable;
using base::Error;
using base::ErrorKind;
using base::failure;
using base::Result;

server::LocalRequest to_local(ApiRequest request) {
  server::LocalRequest local{.method = std::move(request.method), .target = std::move(request.target)};
  for (auto& [name, value] : request.headers) local.headers.add(std::move(name), std::move(value));
  local.body = std::move(request.body);
  return local;
}

Result<ApiResponse> from_local(server::LocalResponse local, bool ended_by_reader) {
  if (!local.complete && !ended_by_reader)
    return failure(Error(ErrorKind::kUpstream, "the answer broke off"));
  return ApiResponse{local.status, local.headers.items(), std::move(local.body)};
}

/// What one streamed answer needs while it runs.
struct Reading {
  ApiClient::OnEvent on_event;
  net::SseParser parser;
  int status = 0;
  std::string refusal;  ///< the body of an answer that is no stream
  bool ended = false;

  Awaitable<Result<void>> take(std::string bytes) {
    if (status >= 300) {
      refusal += bytes;
      co_return Result<void>();
    }
    CAPROCK_CO_TRY(const std::vector<net::SseEvent> events, parser.push(bytes));
    for (const net::SseEvent& event : events)
      if (!on_event(event)) {
        ended = true;
        co_return failure(Error(ErrorKind::kCancelled, "the reader has what it wanted"));
      }
    co_return Result<void>();
  }
};

class InProcessApiClient final : public ApiClient {
 public:
  InProcessApiClient(std::shared_ptr<void> owner, server::InProcess& routes, asio::any_io_executor executor,
                     std::string where)
      : owner_(std::move(owner)), routes_(routes), executor_(std::move(executor)), where_(std::move(where)) {}

  Result<ApiResponse> call(ApiRequest request) override {
    const server::RequestStop stop;
    return from_local(run(routes_.call(to_local(std::move(request)), stop)), false);
  }

  Result<ApiResponse> stream(ApiRequest request, OnEvent on_event) override {
    const server::RequestStop stop;
    Reading reading;
    reading.on_event = std::move(on_event);
    server::LocalResponse local = run(routes_.call(
        to_local(std::move(request)), stop,
        [&reading](std::string bytes) { return reading.take(std::move(bytes)); },
        [&reading](const server::LocalResponse& started) { reading.status = started.status; }));
    if (reading.status >= 300) local.body = std::move(reading.refusal);
    return from_local(std::move(local), reading.ended);
  }

  std::string where() const override { return where_; }

 private:
  server::LocalResponse run(Awaitable<server::LocalResponse> work) {
    std::promise<server::LocalResponse> promise;
    asio::co_spawn(executor_, std::move(work), [&](std::exception_ptr failed, server::LocalResponse answer) {
      if (failed)
        promise.set_exception(failed);
      else
        promise.set_value(std::move(answer));
    });
    return promise.get_future().get();
  }

  std::shared_ptr<void> owner_;
  server::InProcess& routes_;
  asio::any_io_executor executor_;
  std::string where_;
};

}  // namespace

std::unique_ptr<ApiClient> make_in_process_api_client(std::shared_ptr<void> owner, server::InProcess& routes,
                                                      asio::any_io_executor executor, std::string where) {
  return std::make_unique<InProcessApiClient>(std::move(owner), routes, std::move(executor),
                                              std::move(where));
}

}  // namespace caprock::app
