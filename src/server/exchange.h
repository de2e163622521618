#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/awaitable.h"
#include "base/context.h"
#include "base/sha256.h"
#include "server/stop.h"

namespace caprock::server {

// The protocol-neutral door. HTTP/1.1, HTTP/2, Lambda, WebSocket, MCP and the command line that works alone
// on a data folder each make an Exchange and hand it to the Router.

using Header = std::pair<std::string, std::string>;

/// Headers in the order they came; names compare without case.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<Header> items) : items_(items) {}
  /// The first value of `name`, or empty.
  std::string_view get(std::string_view name) const;
  bool has(std::string_view name) const;
  void add(std::string name, std::string value) { items_.emplace_back(std::move(name), std::move(value)); }
  /// Replaces every value of `name`.
  void set(std::string name, std::string value);
  const std::vector<Header>& items() const { return items_; }

 private:
  std::vector<Header> items_;
};

/// A request body, pulled piece by piece: not pulling is back-pressure.
class BodyReader {
 public:
  virtual ~BodyReader() = default;
  /// The next bytes (never empty), or nothing at the end. Errors: kPayloadTooLarge above the limit of the
  /// door, kRequestTimeout for a slow client, kCancelled when it has gone.
  virtual base::Awaitable<base::Result<std::optional<std::string>>> read() = 0;
};

/// Through which door a request came.
enum class Protocol : std::uint8_t { kLocal, kHttp10, kHttp11, kHttp2 };
/// As logs and metrics name it: "local", "HTTP/1.0", "HTTP/1.1", "HTTP/2".
std::string_view name_of(Protocol protocol);

struct Request {
  std::string method;     ///< upper case
  std::string target;     ///< raw, undecoded path and query: signatures cover it
  std::string scheme;     ///< "http" or "https"
  std::string authority;  ///< of the Host header or :authority
  std::string peer;       ///< address of the client without port; empty in process
  Protocol protocol = Protocol::kLocal;
  Headers headers;
  std::unique_ptr<BodyReader> body;                    ///< never null
  std::optional<base::Sha256Digest> body_digest = {};  ///< of the whole body, where its signature was checked

  std::string_view path() const;   ///< raw, before '?'
  std::string_view query() const;  ///< raw, after '?', or empty
  /// The decoded value of a query parameter, or nothing. One that cannot be decoded comes as it stands.
  std::optional<std::string> query_value(std::string_view name) const;
};

/// Where the answer goes. `start` once, then any number of writes, then `finish`. A write returns when the
/// client's side has taken the bytes as far as the door's buffer bound allows: a slow reader slows its own
/// source only. Errors: kCancelled when the client has gone.
class ResponseSink {
 public:
  virtual ~ResponseSink() = default;
  /// Without `content_length` the body is streamed (chunked).
  virtual base::Awaitable<base::Result<void>> start(int status, Headers headers,
                                                    std::optional<std::uint64_t> content_length) = 0;
  virtual base::Awaitable<base::Result<void>> write(std::string bytes) = 0;
  virtual base::Awaitable<base::Result<void>> finish() = 0;
  virtual bool started() const = 0;
};

/// One request and its answer.
struct Exchange {
  base::RequestContext context;
  Request request;
  std::vector<std::string> params;  ///< decoded values of the route's {names}, in order
  ResponseSink& response;
  const RequestStop* stop = nullptr;  ///< why `context.cancelled` was requested, where the door knows

  /// What a stream that ends early tells its client: kCancelled becomes what really happened.
  base::Error explain(base::Error error) const;
  /// The decoded value of the n-th {name}.
  const std::string& param(std::size_t n) const { return params.at(n); }
};

/// Reads the whole body. kPayloadTooLarge above `limit` bytes: refused while it streams in.
base::Awaitable<base::Result<std::string>> read_all(BodyReader& body, std::uint64_t limit);
/// The error of a body above `limit` bytes.
base::Error body_too_large(std::uint64_t limit);
/// A whole answer in one step.
base::Awaitable<base::Result<void>> respond(ResponseSink& sink, int status, Headers headers,
                                            std::string body);

/// A handler answers through the sink. An error that it returns before `start` is rendered in the dialect of
/// its surface; after it, the surface has ended its stream itself and the error is only logged.
using Handler = std::function<base::Awaitable<base::Result<void>>(Exchange&)>;

/// Who may call a route. There is no default: a route without a class does not compile.
enum class AuthClass : std::uint8_t {
  kPublic,  ///< anybody: health, static files
  kUser,    ///< a principal: open on loopback without configured keys, else an API key
  kAdmin,   ///< a principal with the role "admin"
};

/// The dialect in which errors of a route are told.
enum class Dialect : std::uint8_t { kRest, kOpenAi, kAnthropic, kBedrock };

struct Route {
  std::string_view method;
  std::string_view pattern;  ///< "/documents/{id}/text"; {name} takes one segment, {name+} the rest
  AuthClass auth;
  Dialect dialect;
  Handler handler;
  std::uint64_t body_limit = 0;  ///< bytes; 0: the server's limit for JSON bodies
};

}  // namespace caprock::server
