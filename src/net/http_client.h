#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/awaitable.h"
#include "base/context.h"
#include "net/address_policy.h"
#include "net/settings.h"
#include "net/url.h"

namespace caprock::net {

using HttpHeader = std::pair<std::string, std::string>;
using HttpHeaders = std::vector<HttpHeader>;

/// The first value of `name` (compared without case), or empty.
std::string_view header_value(const HttpHeaders& headers, std::string_view name);

struct HttpRequest {
  std::string method = "GET";
  Url url;
  HttpHeaders headers;  ///< besides Host, User-Agent, Content-Length, Connection
  std::string body;
  Trust trust = Trust::kUser;
  int max_redirects = 0;  ///< followed for GET and HEAD only; 0 hands the 3xx to the caller
  std::uint64_t response_limit = 64ULL << 20;  ///< bytes of the body
};

/// An answer whose head has come; the body is pulled. Dropping it before its end closes the connection.
/// Belongs to the loop that sent the request.
class HttpResponse {
 public:
  virtual ~HttpResponse() = default;
  virtual int status() const = 0;
  virtual const HttpHeaders& headers() const = 0;
  /// Where the answer came from, after redirects.
  virtual const Url& url() const = 0;
  /// The next bytes as soon as there are some, or nothing at the end. Errors: kPayloadTooLarge above the
  /// limit, kUpstream when the answer breaks off, kCancelled, kDeadlineExceeded.
  virtual base::Awaitable<base::Result<std::optional<std::string>>> read(
      const base::RequestContext& context) = 0;
};

/// The rest of the body in one piece.
base::Awaitable<base::Result<std::string>> read_all(const base::RequestContext& context,
                                                    HttpResponse& response);

/// HTTP/1.1 with TLS 1.2 or newer. The one place that opens outbound connections: the address policy is asked
/// after DNS for every new connection, so also after every redirect. Connections are kept alive per host,
/// trust and event loop. Any thread that runs an Asio loop may call it; it must go before those loops, or
/// `close_idle()` be called.
class HttpClient {
 public:
  /// Whether a TLS server has to prove its name. `kSameMachine` is for one caller only: the command line that
  /// speaks to a loopback address which the owner's lock file names, where certificates are made out to the
  /// public name.
  enum class ServerIdentity : std::uint8_t { kVerified, kSameMachine };
  /// Throws std::runtime_error, naming the setting, for a wrong `allow`.
  explicit HttpClient(NetSettings settings, ServerIdentity identity = ServerIdentity::kVerified);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Sends once; a connection that the server had closed meanwhile is replaced for methods that may be
  /// repeated. After a redirect only Accept, Accept-Language and User-Agent are sent on, and never from https
  /// to http. Errors: kInvalidArgument (a header that would split the request, field "url" for the address
  /// policy), kUnavailable (DNS, connect, TLS), kUpstream (not HTTP, too many redirects), kPayloadTooLarge,
  /// kCancelled, kDeadlineExceeded.
  base::Awaitable<base::Result<std::unique_ptr<HttpResponse>>> send(const base::RequestContext& context,
                                                                    HttpRequest request);
  const NetSettings& settings() const;
  std::size_t idle() const;
  /// Closes what is not in use. From any thread, when no loop is running any more.
  void close_idle();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace caprock::net
