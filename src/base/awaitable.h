#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/result.h"

namespace caprock::base {

/// A coroutine of the I/O loops. The only piece of Asio that headers may show.
template <class T>
using Awaitable = boost::asio::awaitable<T>;

}  // namespace caprock::base
