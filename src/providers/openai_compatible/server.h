#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/awaitable.h"
#include "base/context.h"
#include "net/http_client.h"
#include "providers/openai_compatible/dialect.h"
#include "providers/openai_compatible/settings.h"

namespace caprock::providers::openai {

/// One OpenAI-compatible server: where it is, the key, and how long it may be silent. Thread safe.
class Server {
 public:
  /// All must outlive it, but for the settings.
  Server(net::HttpClient& http, const Dialect& dialect, ServerSettings settings,
         std::chrono::milliseconds patience);

  const Dialect& dialect() const { return dialect_; }
  /// Posts `body` to base_url + `path`, once. The answer has status 2xx; every other one is the error that it
  /// means. Errors: those of HttpClient and error_of; kUpstream when the server is silent for too long.
  base::Awaitable<base::Result<std::unique_ptr<net::HttpResponse>>> post(const base::RequestContext& context,
                                                                         std::string path, std::string body,
                                                                         std::string model) const;
  base::Awaitable<base::Result<std::unique_ptr<net::HttpResponse>>> get(const base::RequestContext& context,
                                                                        std::string path) const;
  /// The next bytes of an answer; kUpstream when none come for too long.
  base::Awaitable<base::Result<std::optional<std::string>>> read(const base::RequestContext& context,
                                                                 net::HttpResponse& response) const;
  base::Awaitable<base::Result<std::string>> read_all(const base::RequestContext& context,
                                                      net::HttpResponse& response) const;

 private:
  base::Awaitable<base::Result<std::unique_ptr<net::HttpResponse>>> send(const base::RequestContext& context,
                                                                         std::string method, std::string path,
                                                                         std::string body,
                                                                         std::string model) const;
  base::RequestContext patient(const base::RequestContext& context) const;
  base::Error explained(const base::RequestContext& context, base::Error error) const;

  net::HttpClient& http_;
  const Dialect& dialect_;
  const ServerSettings settings_;
  const std::chrono::milliseconds patience_;
};

}  // namespace caprock::providers::openai
