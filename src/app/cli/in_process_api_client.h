#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>

#include "app/cli/api_client.h"
#include "server/in_process.h"

namespace caprock::app {

/// Sends requests through the routes of this process. `owner` is what must live as long as the client does
/// (the composition root with its loops); `executor` is one of its loops, run by other threads than the
/// caller's.
std::unique_ptr<ApiClient> make_in_process_api_client(std::shared_ptr<void> owner, server::InProcess& routes,
                                                      boost::asio::any_io_executor executor,
                                                      std::string where);

}  // namespace caprock::app
