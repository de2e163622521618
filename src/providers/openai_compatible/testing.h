#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <string>

#include "net/http_client.h"
#include "net/testing/scripted_server.h"
#include "providers/openai_compatible/server.h"

namespace caprock::providers::openai::testing {

/// A client of a scripted server in the given dialect.
struct Peer {
  explicit Peer(net::testing::ScriptedServer::Script script, std::string_view name = "openai",
                std::chrono::milliseconds patience = std::chrono::seconds(10))
      : scripted(std::move(script)), server(make(name, patience)) {}

  std::shared_ptr<const Server> make(std::string_view name, std::chrono::milliseconds patience) {
    ServerSettings settings;
    settings.base_url = scripted.url("/v1");
    settings.api_key = base::Secret("k-1");
    return std::make_shared<const Server>(http, *dialect_named(name), settings, patience);
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
  std::shared_ptr<const Server> server;
};

inline std::string answer(const std::string& body, const std::string& type = "application/json",
                          const std::string& status = "200 OK") {
  return "HTTP/1.1 " + status + "\r\nContent-Type: " + type +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace caprock::providers::openai::testing
