#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/awaitable.h"
#include "server/dispatch.h"

namespace caprock::server {

/// A request without a socket.
struct LocalRequest {
  std::string method = "GET";
  std::string target;  ///< "/documents?limit=3"
  Headers headers;
  std::string body;
};

struct LocalResponse {
  int status = 0;
  Headers headers;
  std::string body;       ///< empty where a receiver took it
  bool complete = false;  ///< false when the answer broke off
};

/// The door of the command line that works alone on a data folder: the same way through the same routes as
/// over HTTP, as the local owner. Any thread; each call on the executor it is awaited on.
class InProcess {
 public:
  /// Takes a piece of the body as it comes; an error ends the answer as a reader that has gone would.
  using Receiver = std::function<base::Awaitable<base::Result<void>>(std::string)>;

  explicit InProcess(Dispatcher& dispatcher) : dispatcher_(dispatcher) {}
  /// Collects the body, or hands it to `receiver` (which may look at `started` first). Errors of the request
  /// are answers, as over HTTP. `stop`: requested when the user gives up.
  base::Awaitable<LocalResponse> call(LocalRequest request, const RequestStop& stop, Receiver receiver = {},
                                      std::function<void(const LocalResponse&)> started = {});

 private:
  Dispatcher& dispatcher_;
};

}  // namespace caprock::server
