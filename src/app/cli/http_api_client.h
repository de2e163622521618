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

}  // namespace caprock::app
