#include "server/event_loops.h"

#include <pthread.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <string>
#include <thread>

#include "base/log.h"

namespace caprock::server {

namespace asio = boost::asio;

struct EventLoops::Loop {
  asio::io_context context{1};  // one thread only
  asio::executor_work_guard<asio::io_context::executor_type> alive = asio::make_work_guard(context);
  std::thread thread;

  void run() {
    while (true) {
      try {
        context.run();
        return;
      } catch (const std::exception& e) {
        base::log(base::LogLevel::kError, "exception on an I/O loop", {{"what", e.what()}});
      }
    }
  }
};

EventLoops::EventLoops(std::size_t count)
    : size_(count != 0 ? count : std::max<std::size_t>(1, std::thread::hardware_concurrency())) {
  loops_ = std::make_unique<Loop[]>(size_);
  for (std::size_t i = 0; i < size_; ++i)
    loops_[i].thread = std::thread([loop = &loops_[i], name = "loop-" + std::to_string(i)] {
      ::pthread_setname_np(::pthread_self(), name.c_str());
      loop->run();
    });
}

EventLoops::~EventLoops() {
  for (std::size_t i = 0; i < size_; ++i) loops_[i].context.stop();
  for (std::size_t i = 0; i < size_; ++i) loops_[i].thread.join();
}

std::size_t EventLoops::size() const { return size_; }
asio::any_io_executor EventLoops::executor(std::size_t index) const {
  return loops_[index % size_].context.get_executor();
}

}  // namespace caprock::server
