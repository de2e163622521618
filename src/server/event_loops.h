#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <memory>

namespace caprock::server {

/// One thread with one I/O loop a core. What begins on a loop stays on it, so that it needs no lock. The
/// composition root makes it first and destroys it last.
class EventLoops {
 public:
  /// 0: one a core. The threads run from now on.
  explicit EventLoops(std::size_t count);
  /// Stops the loops; what still waits on them is dropped.
  ~EventLoops();
  EventLoops(const EventLoops&) = delete;
  EventLoops& operator=(const EventLoops&) = delete;

  std::size_t size() const;
  boost::asio::any_io_executor executor(std::size_t index) const;

 private:
  struct Loop;
  std::unique_ptr<Loop[]> loops_;
  std::size_t size_;
};

}  // namespace caprock::server
