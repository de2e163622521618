#pragma once

#include <memory>
#include <string>

#include "app/cli/api_client.h"
#include "base/secret.h"
#include "net/settings.h"
#include "net/url.h"

namespace caprock::app {

/// Speaks to a running server at `base` ("http://127.0.0.1:8080", a path in it goes before every target).
/// `key` is sent as bearer token when it is not empty.
base::Result<std::unique_ptr<ApiClient>> make_http_api_client(const std::string& base, base::Secret key,
                                                              net::NetSettings settings);

/// The same for the server that the data folder's lock file names. A certificate is not asked for its name
/// when the address is loopback: the lock, which that very process holds, has proved who it is.
base::Result<std::unique_ptr<ApiClient>> make_neighbour_client(const std::string& base, base::Secret token,
                                                               net::NetSettings settings);

}  // namespace caprock::app
