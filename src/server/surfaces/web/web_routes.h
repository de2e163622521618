#pragma once

#include <vector>

#include "server/exchange.h"

namespace caprock::server {

/// The routes of the page: its files, public, with a strict Content-Security-Policy, an ETag, and gzip where
/// the client takes it.
std::vector<Route> web_routes();

}  // namespace caprock::server
