#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <vector>

#include "base/awaitable.h"
#include "base/context.h"
#include "net/address_policy.h"
#include "net/url.h"

namespace caprock::net {

/// The addresses of `url` that `policy` lets through, in the order to try them. A lookup that hangs is left
/// behind when the deadline passes. kInvalidArgument when there are addresses but none may be used;
/// kUnavailable when there are none; kCancelled, kDeadlineExceeded.
base::Awaitable<base::Result<std::vector<boost::asio::ip::tcp::endpoint>>> resolve(
    const base::RequestContext& context, const Url& url, Trust trust, const AddressPolicy& policy);

}  // namespace caprock::net
