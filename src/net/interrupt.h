#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <memory>
#include <stop_token>
#include <utility>

#include "base/context.h"

namespace caprock::net {

/// While it lives, a cancellation of the request calls `cancel` on the executor, which one thread runs. Made
/// and destroyed on that thread, around one I/O operation.
class Interrupt {
 public:
  Interrupt(const base::RequestContext& context, const boost::asio::any_io_executor& executor,
            std::function<void()> cancel)
      : state_(std::make_shared<std::function<void()>>(std::move(cancel))),
        callback_(context.cancelled, [executor, state = state_] {
          boost::asio::post(executor, [state] {
            if (*state) (*state)();
          });
        }) {}
  ~Interrupt() { *state_ = nullptr; }
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

 private:
  std::shared_ptr<std::function<void()>> state_;
  std::stop_callback<std::function<void()>> callback_;
};

}  // namespace caprock::net
