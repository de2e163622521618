#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "net/sse_parser.h"

namespace caprock::app {

struct ApiRequest {
  std::string method = "GET";
  std::string target;  ///< "/documents?limit=3"
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
};

struct ApiResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  bool ok() const { return status >= 200 && status < 300; }
};

/// The REST API (PRODUCT.md §1), wherever it is answered: by a server or in this process. Calls block; any
/// thread.
class ApiClient {
 public:
  /// Takes an event as it comes; false ends the stream.
  using OnEvent = std::function<bool(const net::SseEvent&)>;
  virtual ~ApiClient() = default;
  /// Any answer is a value, also 4xx and 5xx. Errors: kUnavailable and the like when there was none.
  virtual base::Result<ApiResponse> call(ApiRequest request) = 0;
  /// For routes that answer with an event stream. An answer that is not 2xx comes back whole, without events.
  /// kUpstream when the stream breaks off.
  virtual base::Result<ApiResponse> stream(ApiRequest request, OnEvent on_event) = 0;
  /// For people: "http://127.0.0.1:8080", "the data folder /x".
  virtual std::string where() const = 0;
};

}  // namespace caprock::app
