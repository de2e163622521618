#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "aws/eventstream.h"
#include "net/http_client.h"
#include "net/testing/scripted_server.h"
#include "providers/bedrock/caller.h"

namespace caprock::providers::bedrock::testing {

/// A caller of a scripted server, with keys of an environment of its own.
struct Peer {
  explicit Peer(net::testing::ScriptedServer::Script script,
                aws::Environment environment = {{"AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"},
                                                {"AWS_SECRET_ACCESS_KEY", "secret"},
                                                {"AWS_SESSION_TOKEN", "token"}},
                std::chrono::milliseconds patience = std::chrono::seconds(10))
      : scripted(std::move(script)) {
    environment["HOME"] = "/nonexistent";
    environment["AWS_ENDPOINT_URL"] = scripted.url("");
    AwsAccount::Parts parts{.environment = std::move(environment)};
    parts.aws.region = "us-east-1";
    parts.aws.imds_disabled = true;
    if (const auto bearer = parts.environment.find("AWS_BEARER_TOKEN_BEDROCK");
        bearer != parts.environment.end())
      parts.aws.bearer_token = base::Secret(bearer->second);
    account = std::make_shared<AwsAccount>(std::move(parts));
    caller = std::make_shared<Caller>(http, account, patience);
  }

  /// Runs a coroutine to its end on a loop of its own.
  template <class T>
  T run(base::Awaitable<T> work) {
    boost::asio::io_context loop;
    std::optional<T> result;
    boost::asio::co_spawn(loop, std::move(work), [&](std::exception_ptr failed, T value) {
      EXPECT_FALSE(failed);
      result.emplace(std::move(value));
    });
    loop.run();
    http.close_idle();
    return std::move(*result);
  }

  net::testing::ScriptedServer scripted;
  net::HttpClient http{net::NetSettings{}};
  std::shared_ptr<AwsAccount> account;
  std::shared_ptr<Caller> caller;
};

inline std::string answer(const std::string& body, const std::string& status = "200 OK",
                          const std::string& more = "", const std::string& type = "application/json") {
  return "HTTP/1.1 " + status + "\r\nContent-Type: " + type + "\r\nx-amzn-RequestId: r-1\r\n" + more +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

inline std::string event_stream(std::initializer_list<std::pair<std::string_view, std::string_view>> events) {
  std::string out;
  for (const auto& [type, payload] : events) EXPECT_TRUE(aws::append_event(out, type, payload));
  return out;
}

/// "Hello" in two pieces.
inline std::string hello() {
  return event_stream(
      {{"messageStart", R"({"role":"assistant","p":"a"})"},
       {"contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"text":"Hel"},"p":"ab"})"},
       {"contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"text":"lo"}})"},
       {"contentBlockStop", R"({"contentBlockIndex":0})"},
       {"messageStop", R"({"stopReason":"end_turn"})"},
       {"metadata",
        R"({"usage":{"inputTokens":3,"outputTokens":1,"totalTokens":4},"metrics":{"latencyMs":5}})"}});
}

}  // namespace caprock::providers::bedrock::testing
