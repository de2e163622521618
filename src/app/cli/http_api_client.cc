#include "app/cli/http_api_client.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <future>
#include <thread>

#include "net/http_client.h"

namespace caprock::app {
namespace {

namespace asio = boost::asio;
using base::Awaitable;
using base::Result;
using Identity = net::HttpClient::ServerIdentity;

/// Takes pieces of the body; false ends the reading.
using Receiver = std::function<Result<bool>(std::string)>;

Awaitable<Result<ApiResponse>> exchange(net::HttpClient& client, net::HttpRequest request,
                                        Receiver receiver) {
  const base::RequestContext context = base::background_context(base::TenantId("default"));
  CAPROCK_CO_TRY(std::unique_ptr<net::HttpResponse> response,
                 co_await client.send(context, std::move(request)));
  ApiResponse answer{response->status(), response->headers(), {}};
  while (true) {
    CAPROCK_CO_TRY(std::optional<std::string> bytes, co_await response->read(context));
    if (!bytes) co_return answer;
    if (!receiver || !answer.ok())
      answer.body += *bytes;
    else {
      CAPROCK_CO_TRY(const bool go_on, receiver(std::move(*bytes)));
      if (!go_on) co_return answer;
    }
  }
}

class HttpApiClient final : public ApiClient {
 public:
  HttpApiClient(net::Url base, base::Secret key, net::NetSettings settings, Identity identity)
      : base_(std::move(base)),
        key_(std::move(key)),
        client_(std::move(settings), identity),
        thread_([this] { loop_.run(); }) {}
  ~HttpApiClient() override {
    work_.reset();
    loop_.stop();
    thread_.join();
    client_.close_idle();
  }

  Result<ApiResponse> call(ApiRequest request) override { return run(std::move(request), {}); }

  Result<ApiResponse> stream(ApiRequest request, OnEvent on_event) override {
    net::SseParser parser;
    return run(std::move(request), [&](const std::string& bytes) -> Result<bool> {
      CAPROCK_TRY(const std::vector<net::SseEvent> events, parser.push(bytes));
      for (const net::SseEvent& event : events)
        if (!on_event(event)) return false;
      return true;
    });
  }

  std::string where() const override { return base_.origin(); }

 private:
  Result<ApiResponse> run(ApiRequest request, Receiver receiver) {
    net::HttpRequest wire{.method = std::move(request.method),
                          .url = base_,
                          .headers = std::move(request.headers),
                          .body = std::move(request.body),
                          .trust = net::Trust::kOperator,
                          .response_limit = 1ULL << 32};
    wire.url.target = prefix() + request.target;
    if (!key_.empty()) wire.headers.emplace_back("authorization", "Bearer " + key_.reveal());
    std::promise<Result<ApiResponse>> promise;
    auto done = [&](std::exception_ptr failed, Result<ApiResponse> answer) {
      if (failed)
        promise.set_exception(failed);
      else
        promise.set_value(std::move(answer));
    };
    asio::co_spawn(loop_, exchange(client_, std::move(wire), std::move(receiver)), done);
    return promise.get_future().get();
  }

  std::string prefix() const { return base_.target == "/" ? std::string() : base_.target; }

  net::Url base_;
  base::Secret key_;
  asio::io_context loop_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{loop_.get_executor()};
  net::HttpClient client_;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<ApiClient>> make_http_api_client(const std::string& base, base::Secret key,
                                                        net::NetSettings settings) {
  Result<net::Url> url = net::parse_url(base);
  if (!url) return base::failure(base::invalid_argument("--url", "--url " + url.error().message));
  while (url->target.size() > 1 && url->target.back() == '/') url->target.pop_back();
  return std::make_unique<HttpApiClient>(std::move(*url), std::move(key), std::move(settings),
                                         Identity::kVerified);
}

Result<std::unique_ptr<ApiClient>> make_neighbour_client(const std::string& base, base::Secret token,
                                                         net::NetSettings settings) {
  CAPROCK_TRY(net::Url url, net::parse_url(base));
  const std::optional<net::IpAddress> ip = net::IpAddress::parse(url.host);
  const bool loopback = ip && (ip->v4 ? ip->bytes[0] == 127 : url.host == "::1");
  return std::make_unique<HttpApiClient>(std::move(url), std::move(token), std::move(settings),
                                         loopback ? Identity::kSameMachine : Identity::kVerified);
}

}  // namespace caprock::app
