#include "net/http_client.h"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <future>
#include <mutex>
#include <optional>

#include "net/fetch_url.h"
#include "net/testing/scripted_server.h"

namespace caprock::net {
namespace {

namespace asio = boost::asio;
using base::Awaitable;
using base::ErrorKind;
using base::RequestContext;
using base::Result;
using net::testing::ScriptedServer;
using net::testing::ServerConnection;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

NetSettings allowing_loopback() {
  NetSettings settings;
  settings.allow = {"127.0.0.0/8"};
  settings.connect_timeout = std::chrono::milliseconds(2000);
  return settings;
}

struct Answer {
  int status = 0;
  HttpHeaders headers;
  std::string body;
  std::string url;
};

Awaitable<Result<Answer>> send(HttpClient& client, const RequestContext& context, HttpRequest request) {
  CAPROCK_CO_TRY(std::unique_ptr<HttpResponse> response, co_await client.send(context, std::move(request)));
  Answer answer{response->status(), response->headers(), {}, response->url().text()};
  CAPROCK_CO_TRY(answer.body, co_await read_all(context, *response));
  co_return answer;
}

/// One loop that runs while something is awaited on it.
class HttpClientTest : public ::testing::Test {
 protected:
  template <class T>
  T run(Awaitable<T> work) {
    std::optional<T> result;
    asio::co_spawn(loop_, std::move(work), [&](std::exception_ptr failed, T value) {
      if (failed) std::rethrow_exception(failed);
      result.emplace(std::move(value));
    });
    loop_.restart();
    while (!result && loop_.run_one() != 0) {
    }
    return std::move(*result);
  }

  Result<Answer> get(const std::string& url, HttpRequest request = {}) {
    request.url = parse_url(url).value();
    return run(send(client_, context_, std::move(request)));
  }

  asio::io_context loop_;
  HttpClient client_{allowing_loopback()};
  RequestContext context_ = base::background_context(base::TenantId("default"));
};

TEST_F(HttpClientTest, Get_SendsWhatWasAskedAndReadsTheBody) {
  std::string seen;
  ScriptedServer server(ScriptedServer::answering([&](const std::string& request) {
    seen = request;
    return kOk;
  }));
  const auto answer = get(server.url("/a?b=c"), {.headers = {{"x-test", "1"}}});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "ok");
  EXPECT_THAT(seen, ::testing::StartsWith("GET /a?b=c HTTP/1.1\r\n"));
  EXPECT_THAT(seen, HasSubstr("Host: 127.0.0.1:" + std::to_string(server.port())));
  EXPECT_THAT(seen, HasSubstr("x-test: 1\r\n"));
}

TEST_F(HttpClientTest, Post_SendsTheBodyWithItsLength) {
  std::string seen;
  ScriptedServer server(ScriptedServer::answering([&](const std::string& request) {
    seen = request;
    return kOk;
  }));
  ASSERT_TRUE(get(server.url(), {.method = "POST", .body = std::string(300'000, 'x')}));
  EXPECT_THAT(seen, HasSubstr("Content-Length: 300000\r\n"));
  EXPECT_EQ(seen.size() - seen.find("\r\n\r\n") - 4, 300'000U);
}

TEST_F(HttpClientTest, BodyThatIsNotWanted_GivesTheAnswerAndANewConnection) {
  ScriptedServer server([](ServerConnection& connection) {
    connection.write("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno");
    connection.read_request();
  });
  const auto answer = get(server.url(), {.method = "POST", .body = std::string(1'000'000, 'x')});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 413);
}

TEST_F(HttpClientTest, SeveralRequests_ShareOneConnection) {
  ScriptedServer server(ScriptedServer::answering([](const std::string&) { return kOk; }));
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(get(server.url()));
  EXPECT_EQ(server.connections(), 1);
  EXPECT_EQ(client_.idle(), 1U);
}

TEST_F(HttpClientTest, OperatorsConnection_IsNotLentToAUser) {
  ScriptedServer server(ScriptedServer::answering([](const std::string&) { return kOk; }));
  HttpClient strict{NetSettings{}};
  const Url url = parse_url(server.url()).value();
  ASSERT_TRUE(run(send(strict, context_, {.url = url, .trust = Trust::kOperator})));
  const auto refused = run(send(strict, context_, {.url = url, .trust = Trust::kUser}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttpClientTest, ConnectionThatTheServerClosed_IsReplaced) {
  ScriptedServer server([](ServerConnection& connection) {
    connection.read_request();
    connection.write(kOk);
  });
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(get(server.url()));
  EXPECT_EQ(server.connections(), 3);
}

TEST_F(HttpClientTest, ChunkedAndUnlengthedBodies_AreReadWhole) {
  ScriptedServer server([](ServerConnection& connection) {
    const std::string request = connection.read_request();
    if (request.find("/chunked") != std::string::npos)
      connection.write(
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");
    else
      connection.write(
          "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the "
          "end");
  });
  EXPECT_EQ(get(server.url("/chunked"))->body, "abcdefg");
  EXPECT_EQ(get(server.url("/plain"))->body, "until the end");
}

TEST_F(HttpClientTest, Streams_AreReadAsTheyCome) {
  std::promise<void> first_read;
  ScriptedServer server([&](ServerConnection& connection) {
    connection.read_request();
    connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
    first_read.get_future().wait();
    connection.write("3\r\ntwo\r\n0\r\n\r\n");
  });
  auto response = run(client_.send(context_, {.url = parse_url(server.url()).value()})).value();
  EXPECT_EQ(run(response->read(context_)).value(), "one");
  first_read.set_value();
  EXPECT_EQ(run(response->read(context_)).value(), "two");
  EXPECT_EQ(run(response->read(context_)).value(), std::nullopt);
  EXPECT_EQ(run(response->read(context_)).value(), std::nullopt);
}

TEST_F(HttpClientTest, BodyAboveTheLimit_IsRefusedDeclaredOrNot) {
  ScriptedServer server(ScriptedServer::answering([](const std::string& request) {
    if (request.find("/declared") != std::string::npos)
      return "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + std::string(5000, 'x');
    return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1388\r\n" + std::string(5000, 'x') +
           "\r\n0\r\n\r\n";
  }));
  for (const char* path : {"/declared", "/chunked"}) {
    const auto answer = get(server.url(path), {.response_limit = 4999});
    ASSERT_FALSE(answer) << path;
    EXPECT_EQ(answer.error().kind, ErrorKind::kPayloadTooLarge);
  }
  EXPECT_EQ(get(server.url("/chunked"), {.response_limit = 5000})->body.size(), 5000U);
}

TEST_F(HttpClientTest, AnswerThatBreaksOff_IsAnError) {
  ScriptedServer server([](ServerConnection& connection) {
    connection.read_request();
    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
  });
  const auto answer = get(server.url());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::kUpstream);
}

TEST_F(HttpClientTest, NotHttp_IsAnError) {
  ScriptedServer server([](ServerConnection& connection) {
    connection.read_request();
    connection.write("220 smtp.example.org ESMTP\r\n");
  });
  EXPECT_EQ(get(server.url()).error().kind, ErrorKind::kUpstream);
}

TEST_F(HttpClientTest, NobodyListens_SaysWhere) {
  std::string url;
  {
    const ScriptedServer gone([](ServerConnection&) {});
    url = gone.url();
  }
  const auto answer = get(url);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::kUnavailable);
  EXPECT_THAT(answer.error().message, HasSubstr("cannot reach 127.0.0.1:"));
}

TEST_F(HttpClientTest, ServerThatDoesNotAnswer_EndsAtTheDeadline) {
  ScriptedServer server([](ServerConnection& connection) {
    connection.read_request();
    connection.read_request();
  });
  context_.deadline = base::Deadline::after(std::chrono::milliseconds(50));
  EXPECT_EQ(get(server.url()).error().kind, ErrorKind::kDeadlineExceeded);
}

TEST_F(HttpClientTest, Cancellation_EndsAWaitingRead) {
  std::stop_source stop;
  context_.cancelled = stop.get_token();
  ScriptedServer server([&](ServerConnection& connection) {
    connection.read_request();
    stop.request_stop();
    connection.read_request();
  });
  EXPECT_EQ(get(server.url()).error().kind, ErrorKind::kCancelled);
}

TEST_F(HttpClientTest, Redirects_AreFollowedWithoutCredentials) {
  std::mutex mutex;
  std::vector<std::string> seen;
  ScriptedServer server(ScriptedServer::answering([&](const std::string& request) -> std::string {
    const std::lock_guard lock(mutex);
    seen.push_back(request);
    if (seen.size() == 1) return "HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n";
    return kOk;
  }));
  const auto answer =
      get(server.url(),
          {.headers = {{"Authorization", "Bearer secret"}, {"Accept", "text/html"}}, .max_redirects = 2});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->url, server.url("/there"));
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_THAT(seen[0], HasSubstr("Bearer secret"));
  EXPECT_THAT(seen[1], Not(HasSubstr("secret")));
  EXPECT_THAT(seen[1], HasSubstr("Accept: text/html"));
}

TEST_F(HttpClientTest, RedirectNotAskedFor_IsHandedOver) {
  ScriptedServer server(ScriptedServer::answering(
      [](const std::string&) { return "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"; }));
  EXPECT_EQ(get(server.url())->status, 302);
}

TEST_F(HttpClientTest, EndlessRedirects_AreAnError) {
  ScriptedServer server(ScriptedServer::answering(
      [](const std::string&) { return "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"; }));
  const auto answer = get(server.url(), {.max_redirects = 3});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message, "more than 3 redirects");
}

TEST_F(HttpClientTest, RedirectToAnInternalAddress_IsRefused) {
  ScriptedServer server(ScriptedServer::answering([](const std::string&) {
    return "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest/meta-data/\r\nContent-Length: "
           "0\r\n\r\n";
  }));
  for (const Trust trust : {Trust::kUser, Trust::kOperator}) {
    const auto answer = get(server.url(), {.trust = trust, .max_redirects = 3});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::kInvalidArgument);
  }
}

TEST_F(HttpClientTest, UsersUrlToLoopback_IsRefusedByDefaultInEveryForm) {
  ScriptedServer server(ScriptedServer::answering([](const std::string&) { return kOk; }));
  HttpClient strict{NetSettings{}};
  const std::string port = ":" + std::to_string(server.port()) + "/";
  for (const char* host :
       {"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "127.1", "0.0.0.0"}) {
    const auto answer = run(send(strict, context_, {.url = parse_url("http://" + (host + port)).value()}));
    ASSERT_FALSE(answer) << host;
    EXPECT_EQ(answer.error().kind, ErrorKind::kInvalidArgument) << host << ": " << answer.error().message;
  }
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(HttpClientTest, Tls_TrustsTheConfiguredAuthorityOnly) {
  ScriptedServer server(ScriptedServer::answering([](const std::string&) { return kOk; }), true);
  EXPECT_EQ(get(server.url()).error().kind, ErrorKind::kUnavailable);
  NetSettings settings = allowing_loopback();
  settings.ca_file = server.certificate_file();
  HttpClient trusting(settings);
  const auto answer = run(send(trusting, context_, {.url = parse_url(server.url()).value()}));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "ok");
  EXPECT_EQ(trusting.idle(), 1U);
  HttpClient neighbour(allowing_loopback(), HttpClient::ServerIdentity::kSameMachine);
  EXPECT_TRUE(run(send(neighbour, context_, {.url = parse_url(server.url()).value()})));
}

TEST_F(HttpClientTest, FetchUrl_GivesBytesTypeNameAndFinalPlace) {
  ScriptedServer server(ScriptedServer::answering([](const std::string& request) -> std::string {
    if (request.starts_with("GET /old"))
      return "HTTP/1.1 301 Moved\r\nLocation: /new/report.pdf\r\nContent-Length: 0\r\n\r\n";
    return "HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\nContent-Length: 4\r\n\r\n%PDF";
  }));
  const auto fetched = run(fetch_url(client_, context_, server.url("/old")));
  ASSERT_TRUE(fetched) << fetched.error().message;
  EXPECT_EQ(fetched->bytes, "%PDF");
  EXPECT_EQ(fetched->content_type, "application/pdf");
  EXPECT_EQ(fetched->file_name, "report.pdf");
  EXPECT_EQ(fetched->final_url.text(), server.url("/new/report.pdf"));
}

TEST_F(HttpClientTest, FetchUrl_NamesTheStatusAndTheField) {
  ScriptedServer server(ScriptedServer::answering(
      [](const std::string&) { return "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"; }));
  const auto fetched = run(fetch_url(client_, context_, server.url("/gone")));
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().kind, ErrorKind::kUnprocessable);
  EXPECT_EQ(fetched.error().field, "url");
  EXPECT_THAT(fetched.error().message, HasSubstr("404"));
}

}  // namespace
}  // namespace caprock::net
