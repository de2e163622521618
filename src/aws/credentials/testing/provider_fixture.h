#pragma once

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "aws/credentials/credentials.h"
#include "aws/credentials/provider_tools.h"
#include "net/testing/scripted_server.h"

namespace caprock::aws::testing {

/// An answer as bytes, with its length.
inline std::string reply(int status, const std::string& body, const std::string& headers = {}) {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + headers + "\r\n" + body;
}

/// The form that STS answers with.
inline std::string sts_reply(const std::string& action, const std::string& key,
                             const std::string& expiration) {
  return reply(200, "<" + action + R"(Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><)" +
                        action +
                        "Result><AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn>"
                        "</AssumedRoleUser><Credentials><AccessKeyId>" +
                        key + "</AccessKeyId><SecretAccessKey>SECRET</SecretAccessKey><SessionToken>TOKEN" +
                        "</SessionToken><Expiration>" + expiration + "</Expiration></Credentials></" +
                        action + "Result></" + action + "Response>");
}

/// Everything a provider needs: one loop, a clock that stands at 2026-01-02T03:04:05Z, a folder of its own,
/// and services that are what `serve` answers.
class ProviderTest : public ::testing::Test {
 public:
  ~ProviderTest() override { std::filesystem::remove_all(folder_); }

 protected:
  ProviderTest() {
    folder_ = std::filesystem::path(::testing::TempDir()) /
              ("caprock-credentials-" + std::to_string(reinterpret_cast<std::uintptr_t>(this)));
    std::filesystem::create_directories(folder_);
    tools_.environment["HOME"] = folder_;
  }
  template <class T>
  T run(base::Awaitable<T> work) {
    std::optional<T> result;
    boost::asio::co_spawn(loop_, std::move(work), [&](std::exception_ptr failed, T value) {
      if (failed) std::rethrow_exception(failed);
      result.emplace(std::move(value));
    });
    loop_.restart();
    while (!result && loop_.run_one() != 0) {
    }
    return std::move(*result);
  }
  base::Result<Fetched> fetch(const std::unique_ptr<CredentialProvider>& provider) {
    return run(provider->fetch(context_));
  }

  /// Starts the server that all services are; requests are kept in `requests_`.
  void serve(const std::function<std::string(const std::string& request)>& answer) {
    server_ = std::make_unique<net::testing::ScriptedServer>(
        net::testing::ScriptedServer::answering([this, answer](const std::string& request) {
          const std::lock_guard lock(mutex_);
          requests_.push_back(request);
          return answer(request);
        }));
  }
  std::string request(std::size_t i) {
    const std::lock_guard lock(mutex_);
    return i < requests_.size() ? requests_[i] : std::string();
  }
  std::string write(const std::string& name, const std::string& text) const {
    const std::filesystem::path path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::trunc) << text;
    return path;
  }
  static std::string read(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::filesystem::path folder_;
  boost::asio::io_context loop_;
  net::HttpClient http_{net::NetSettings{}};
  base::BlockingPool pool_{{.name = "test", .threads = 1, .queue = 8}};
  base::ManualClock clock_{base::WallTime(std::chrono::seconds(1767323045))};
  base::RequestContext context_ = base::background_context(base::TenantId("default"));
  std::mutex mutex_;
  std::vector<std::string> requests_;
  std::unique_ptr<net::testing::ScriptedServer> server_;
  ProviderTools tools_{.http = http_,
                       .pool = pool_,
                       .clock = clock_,
                       .endpoint = [this](Service, const std::string& region) -> base::Result<Endpoint> {
                         return Endpoint{net::parse_url(server_->url("/")).value(), region, "x"};
                       },
                       .environment = {},
                       .region = "eu-west-1",
                       .request_timeout = std::chrono::milliseconds(2000)};
};

/// A source whose answers a test hands it.
class FakeProvider final : public CredentialProvider {
 public:
  explicit FakeProvider(std::function<base::Result<Fetched>()> answer, std::string name = "fake")
      : answer_(std::move(answer)), name_(std::move(name)) {}
  std::string name() const override { return name_; }
  base::Awaitable<base::Result<Fetched>> fetch(const base::RequestContext&) override { co_return answer_(); }

 private:
  std::function<base::Result<Fetched>()> answer_;
  std::string name_;
};

inline Credentials some_keys(const std::string& id = "AKBASE") {
  Credentials made{.access_key_id = id, .secret_access_key = base::Secret("BASESECRET")};
  made.source = "fake";
  return made;
}

inline std::unique_ptr<CredentialProvider> fake_keys() {
  return std::make_unique<FakeProvider>([] { return Fetched::some(some_keys()); });
}

}  // namespace caprock::aws::testing
