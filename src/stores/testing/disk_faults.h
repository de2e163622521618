#pragma once

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <string>

namespace caprock::stores::testing {

/// A disk that fails when told to: stands between this program's own calls that write files (write, pwrite,
/// fsync, fdatasync, ftruncate, rename, mkdir, open that creates) and the kernel, for one folder. SQLite and
/// the stores' files meet the same errors as on a real disk, errno and short writes included. Tests that use
/// it link caprock_stores_testing, which wraps these calls. One at a time.
class DiskFaults {
 public:
  enum class Kind {
    kNoSpace,  ///< ENOSPC; the first write that fails gets half of its bytes onto the disk
    kBroken,   ///< EIO
  };
  enum class Span { kOnce, kUntilHealed };

  explicit DiskFaults(const std::filesystem::path& folder);
  ~DiskFaults();
  DiskFaults(const DiskFaults&) = delete;
  DiskFaults& operator=(const DiskFaults&) = delete;

  /// The `nth` call from now, counted from 1, fails, and for kUntilHealed all that follow.
  void fail(int nth, Kind kind, Span span);
  void heal();
  /// Whether a call has failed since fail().
  bool struck() const { return struck_; }

  // For the wrapped calls.
  struct Verdict {
    int error = 0;           ///< errno to fail with
    bool shortened = false;  ///< half of the bytes go through instead
  };
  static Verdict next(int descriptor, std::size_t size);
  static Verdict next(const char* path);

 private:
  Verdict count(std::size_t size);

  std::string folder_;
  std::atomic<int> left_{0};  ///< calls until the one that fails; 0: none does
  std::atomic<bool> failing_{false};
  std::atomic<bool> struck_{false};
  std::atomic<Kind> kind_{Kind::kNoSpace};
  std::atomic<Span> span_{Span::kOnce};
};

}  // namespace caprock::stores::testing
