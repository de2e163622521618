#include "stores/testing/disk_faults.h"

#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdarg>
#include <string_view>

namespace caprock::stores::testing {
namespace {

std::atomic<DiskFaults*> active{nullptr};

// The name behind a descriptor; empty for sockets and the like, whose names begin with no slash.
std::string path_of(int descriptor) {
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  std::array<char, 4096> name{};
  const ssize_t length = ::readlink(link.c_str(), name.data(), name.size());
  return length > 0 ? std::string(name.data(), static_cast<std::size_t>(length)) : std::string();
}

}  // namespace

DiskFaults::DiskFaults(const std::filesystem::path& folder)
    : folder_(std::filesystem::canonical(folder).string()) {
  active = this;
}

DiskFaults::~DiskFaults() { active = nullptr; }

void DiskFaults::fail(int nth, Kind kind, Span span) {
  heal();
  kind_ = kind;
  span_ = span;
  struck_ = false;
  left_ = nth;
}

void DiskFaults::heal() {
  left_ = 0;
  failing_ = false;
}

DiskFaults::Verdict DiskFaults::count(std::size_t size) {
  const int error = kind_ == Kind::kNoSpace ? ENOSPC : EIO;
  if (failing_) return {.error = error};
  if (left_ == 0 || left_.fetch_sub(1) != 1) return {};
  struck_ = true;
  if (span_ == Span::kOnce) return {.error = error};
  failing_ = true;
  if (kind_ == Kind::kNoSpace && size > 1) return {.shortened = true};
  return {.error = error};
}

DiskFaults::Verdict DiskFaults::next(int descriptor, std::size_t size) {
  DiskFaults* faults = active;
  if (faults == nullptr || !path_of(descriptor).starts_with(faults->folder_)) return {};
  return faults->count(size);
}

DiskFaults::Verdict DiskFaults::next(const char* path) {
  DiskFaults* faults = active;
  if (faults == nullptr || !std::string_view(path).starts_with(faults->folder_)) return {};
  return faults->count(0);
}

}  // namespace caprock::stores::testing

// The linker sends every call of NAME in this program to __wrap_NAME, and __real_NAME to NAME.
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming)
using caprock::stores::testing::DiskFaults;

namespace {

int fail_with(int error) {
  errno = error;
  return -1;
}

}  // namespace

extern "C" {

ssize_t __real_write(int fd, const void* bytes, size_t size);
ssize_t __wrap_write(int fd, const void* bytes, size_t size) {
  const auto verdict = DiskFaults::next(fd, size);
  if (verdict.error != 0) return fail_with(verdict.error);
  return __real_write(fd, bytes, verdict.shortened ? size / 2 : size);
}

ssize_t __real_pwrite64(int fd, const void* bytes, size_t size, off64_t at);
ssize_t __wrap_pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
  const auto verdict = DiskFaults::next(fd, size);
  if (verdict.error != 0) return fail_with(verdict.error);
  return __real_pwrite64(fd, bytes, verdict.shortened ? size / 2 : size, at);
}

int __real_fsync(int fd);
int __wrap_fsync(int fd) {
  const auto verdict = DiskFaults::next(fd, 0);
  return verdict.error != 0 ? fail_with(verdict.error) : __real_fsync(fd);
}

int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd) {
  const auto verdict = DiskFaults::next(fd, 0);
  return verdict.error != 0 ? fail_with(verdict.error) : __real_fdatasync(fd);
}

int __real_ftruncate64(int fd, off64_t size);
int __wrap_ftruncate64(int fd, off64_t size) {
  const auto verdict = DiskFaults::next(fd, 0);
  return verdict.error != 0 ? fail_with(verdict.error) : __real_ftruncate64(fd, size);
}

int __real_rename(const char* from, const char* to);
int __wrap_rename(const char* from, const char* to) {
  const auto verdict = DiskFaults::next(to);
  return verdict.error != 0 ? fail_with(verdict.error) : __real_rename(from, to);
}

int __real_mkdir(const char* path, mode_t mode);
int __wrap_mkdir(const char* path, mode_t mode) {
  const auto verdict = DiskFaults::next(path);
  return verdict.error != 0 ? fail_with(verdict.error) : __real_mkdir(path, mode);
}

int __real_open(const char* path, int flags, ...);
int __wrap_open(const char* path, int flags, ...) {
  if ((flags & O_CREAT) == 0) return __real_open(path, flags);
  std::va_list rest;
  va_start(rest, flags);
  const auto mode = va_arg(rest, mode_t);
  va_end(rest);
  const auto verdict = DiskFaults::next(path);
  return verdict.error != 0 ? fail_with(verdict.error) : __real_open(path, flags, mode);
}

}  // extern "C"
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)
