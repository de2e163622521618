#pragma once

#include <atomic>
#include <memory>
#include <string>

namespace caprock::stores::testing {

/// A file layer of SQLite that passes everything on, until told to fail: for tests. Registered while it
/// lives.
class FaultVfs {
 public:
  explicit FaultVfs(std::string name);
  ~FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  /// The `after`-th write, sync or truncation from now, counted from 1, and all that follow return `code` (an
  /// SQLITE_… code).
  void fail(int after, int code);
  void heal();
  /// Writes, syncs and truncations so far.
  int operations() const;

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace caprock::stores::testing
