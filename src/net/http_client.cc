#include "net/http_client.h"

#include <fmt/format.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/this_coro.hpp>
#include <mutex>
#include <stdexcept>

#include "net/connection.h"
#include "net/connection_pool.h"
#include "net/redirect.h"
#include "net/resolve.h"

namespace caprock::net {
namespace {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using base::Awaitable;
using base::Error;
using base::ErrorKind;
using base::failure;
using base::RequestContext;
using base::Result;

AddressPolicy policy_of(const NetSettings& settings) {
  base::Result<AddressPolicy> policy = AddressPolicy::create(settings.allow);
  if (!policy) throw std::runtime_error(policy.error().message);
  return std::move(*policy);
}

bool may_repeat(const HttpRequest& request) {
  return request.method == "GET" || request.method == "HEAD" || request.method == "PUT" ||
         request.method == "DELETE";
}

struct Exchanged {
  std::unique_ptr<Connection> connection;
  ResponseHead head;
};

Awaitable<Result<ResponseHead>> ask(const RequestContext& context, Connection& connection,
                                    const HttpRequest& request) {
  Result<void> sent = co_await connection.send(context, request);
  if (!sent && sent.error().kind != ErrorKind::kUpstream) co_return failure(std::move(sent).error());
  // A server may answer before it has read all of a body that it does not want, and close.
  Result<ResponseHead> head = co_await connection.read_head(context, request);
  if (!head && !sent) co_return failure(std::move(sent).error());
  co_return head;
}

}  // namespace

struct HttpClient::State {
  State(NetSettings from, ServerIdentity whose)
      : settings(std::move(from)),
        identity(whose),
        policy(policy_of(settings)),
        pool(static_cast<std::size_t>(settings.idle_per_host), settings.idle_time, base::system_clock()) {}

  /// Made at first use: reading the system's certificate authorities takes some 10 ms.
  Result<ssl::context*> tls() {
    const std::lock_guard lock(tls_mutex);
    if (!tls_context) {
      auto fresh = std::make_unique<ssl::context>(ssl::context::tls_client);
      boost::system::error_code error;
      ::SSL_CTX_set_min_proto_version(fresh->native_handle(), TLS1_2_VERSION);
      fresh->set_verify_mode(identity == ServerIdentity::kVerified ? ssl::verify_peer : ssl::verify_none);
      fresh->set_default_verify_paths(error);
      if (!error && !settings.ca_file.empty()) fresh->load_verify_file(settings.ca_file, error);
      if (error)
        return failure(
            Error(ErrorKind::kUnavailable, "certificate authorities cannot be read; see [net] ca_file")
                .with_detail(error.message()));
      tls_context = std::move(fresh);
    }
    return tls_context.get();
  }

  Awaitable<Result<std::unique_ptr<Connection>>> open(const RequestContext& context,
                                                      const HttpRequest& request) {
    CAPROCK_CO_TRY(auto addresses, co_await resolve(context, request.url, request.trust, policy));
    ssl::context* secure = nullptr;
    if (request.url.tls()) {
      CAPROCK_CO_TRY(secure, tls());
    }
    co_return co_await open_connection(context, request.url, std::move(addresses), secure,
                                       settings.connect_timeout);
  }

  /// One request and the head of its answer, by a waiting connection or a new one.
  Awaitable<Result<Exchanged>> exchange(const RequestContext& context, const ConnectionPool::Key& key,
                                        const HttpRequest& request) {
    CAPROCK_CO_CHECK(context.check());
    if (std::unique_ptr<Connection> kept = pool.take(key)) {
      Result<ResponseHead> head = co_await ask(context, *kept, request);
      if (head) co_return Exchanged{std::move(kept), std::move(*head)};
      const bool stale = head.error().kind == ErrorKind::kUpstream && kept->untouched();
      if (!stale || !may_repeat(request)) co_return failure(std::move(head).error());
    }
    CAPROCK_CO_TRY(std::unique_ptr<Connection> fresh, co_await open(context, request));
    CAPROCK_CO_TRY(ResponseHead head, co_await ask(context, *fresh, request));
    co_return Exchanged{std::move(fresh), std::move(head)};
  }

  NetSettings settings;
  ServerIdentity identity;
  AddressPolicy policy;
  ConnectionPool pool;
  std::mutex tls_mutex;
  std::unique_ptr<ssl::context> tls_context;
};

namespace {

/// Gives the connection back once the body has been read to its end.
class PooledResponse final : public HttpResponse {
 public:
  PooledResponse(std::weak_ptr<ConnectionPool> pool, ConnectionPool::Key key,
                 std::unique_ptr<Connection> connection, ResponseHead head, Url url)
      : pool_(std::move(pool)),
        key_(std::move(key)),
        connection_(std::move(connection)),
        head_(std::move(head)),
        url_(std::move(url)) {}

  int status() const override { return head_.status; }
  const HttpHeaders& headers() const override { return head_.headers; }
  const Url& url() const override { return url_; }

  Awaitable<Result<std::optional<std::string>>> read(const RequestContext& context) override {
    if (!connection_) co_return std::nullopt;
    Result<std::optional<std::string>> bytes = co_await connection_->read_body(context);
    if (!bytes)
      connection_.reset();
    else if (!*bytes)
      release();
    co_return bytes;
  }

 private:
  void release() {
    const auto pool = pool_.lock();
    if (pool && connection_->reusable()) pool->give(key_, std::move(connection_));
    connection_.reset();
  }

  std::weak_ptr<ConnectionPool> pool_;  ///< an answer may outlive the client
  ConnectionPool::Key key_;
  std::unique_ptr<Connection> connection_;
  ResponseHead head_;
  Url url_;
};

const void* loop_of(const asio::any_io_executor& executor) {
  return &asio::query(executor, asio::execution::context);
}

}  // namespace

HttpClient::HttpClient(NetSettings settings, ServerIdentity identity)
    : state_(std::make_shared<State>(std::move(settings), identity)) {}
HttpClient::~HttpClient() = default;

Awaitable<Result<std::unique_ptr<HttpResponse>>> HttpClient::send(const RequestContext& context,
                                                                  HttpRequest request) {
  const std::shared_ptr<State> state = state_;
  CAPROCK_CO_CHECK(check_request(request));
  const void* loop = loop_of(co_await asio::this_coro::executor);
  for (int followed = 0;; ++followed) {
    const ConnectionPool::Key key{loop, request.trust, request.url.origin()};
    CAPROCK_CO_TRY(Exchanged answer, co_await state->exchange(context, key, request));
    CAPROCK_CO_TRY(std::optional<Url> next,
                   redirect_target(request, answer.head.status, answer.head.headers));
    if (!next) {
      const std::shared_ptr<ConnectionPool> pool(state, &state->pool);
      co_return std::make_unique<PooledResponse>(pool, key, std::move(answer.connection),
                                                 std::move(answer.head), std::move(request.url));
    }
    if (followed == request.max_redirects)
      co_return failure(Error(ErrorKind::kUpstream, fmt::format("more than {} redirects", followed)));
    // What an operator trusts is the place that was configured, not wherever that place points to.
    if (next->origin() != request.url.origin()) request.trust = Trust::kUser;
    request.url = std::move(*next);
    request.headers = harmless_headers(request.headers);
  }
}

const NetSettings& HttpClient::settings() const { return state_->settings; }
std::size_t HttpClient::idle() const { return state_->pool.size(); }
void HttpClient::close_idle() { state_->pool.clear(); }

Awaitable<Result<std::string>> read_all(const RequestContext& context, HttpResponse& response) {
  std::string all;
  while (true) {
    CAPROCK_CO_TRY(std::optional<std::string> bytes, co_await response.read(context));
    if (!bytes) co_return all;
    all += *bytes;
  }
}

}  // namespace caprock::net
