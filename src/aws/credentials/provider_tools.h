#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "aws/credentials/shared_config.h"
#include "aws/endpoint.h"
#include "base/blocking_pool.h"
#include "base/clock.h"
#include "net/http_client.h"
#include "net/url.h"

namespace caprock::aws {

/// Where a service of a region answers: `find_endpoint`, or what a test says.
using ServiceEndpoint = std::function<base::Result<Endpoint>(Service service, const std::string& region)>;

/// What providers work with. Made once by whoever owns them, and outlives them.
struct ProviderTools {
  net::HttpClient& http;
  base::BlockingPool& pool;  ///< files and processes
  const base::Clock& clock;
  ServiceEndpoint endpoint;
  Environment environment;
  std::string region;  ///< for services that no profile names a region for; empty: us-east-1
  std::chrono::milliseconds request_timeout{10'000};  ///< of one call to one of AWS's services

  /// `own`, else the account's, else the region that AWS's global endpoints sign for.
  std::string region_or(const std::string& own) const {
    if (!own.empty()) return own;
    return region.empty() ? "us-east-1" : region;
  }
};

struct HttpAnswer {
  int status = 0;
  net::HttpHeaders headers;
  std::string body;
};

/// One request to a place that the operator or AWS's rules name, within `timeout` and the caller's deadline:
/// no redirect is followed, the answer is at most 256 KiB. Errors of `who` ("sts"): kUnavailable, kUpstream,
/// kCancelled, kDeadlineExceeded (the caller's own only; kUnavailable when `timeout` passed).
base::Awaitable<base::Result<HttpAnswer>> call_service(const base::RequestContext& context,
                                                       net::HttpClient& http, std::string who,
                                                       std::chrono::milliseconds timeout,
                                                       net::HttpRequest request);

/// The whole of a file that holds one token, trimmed; kInvalidArgument when it is absent, empty or not made
/// of visible ASCII. `field` is the variable or key that names the file.
base::Awaitable<base::Result<base::Secret>> read_token_file(const base::RequestContext& context,
                                                            base::BlockingPool& pool, std::string path,
                                                            std::string field);

/// An error of a credential service. `code` is the service's own word for it; `text`, what it said, goes to
/// the log only.
base::Error refused_by(std::string who, const HttpAnswer& answer, const std::string& code, std::string text);

/// True for one or more visible ASCII characters: what may travel in a header.
bool is_visible_ascii(std::string_view text);

}  // namespace caprock::aws
