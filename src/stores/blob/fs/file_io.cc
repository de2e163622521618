#include "stores/blob/fs/file_io.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace caprock::stores {
namespace {

using base::Error;
using base::ErrorKind;
using base::failure;
using base::Result;
namespace fs = std::filesystem;

Error file_error(int code, const std::string& doing, const fs::path& path) {
  Error error(ErrorKind::kUnavailable, "the data folder cannot be read or written at the moment");
  if (code == ENOSPC || code == EDQUOT)
    error = {ErrorKind::kOutOfSpace,
             "the disk that holds the data folder is full: free some space and try again"};
  if (code == ENOENT) error = base::not_found("there is no such blob");
  return std::move(error)
      .with_detail(doing + " " + path.string() + ": " + std::strerror(code))
      .with_origin({.component = "files", .status = code});
}

/// A file descriptor that closes itself.
class File {
 public:
  File(const fs::path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }

 private:
  int fd_;
};

Result<void> write_all(int fd, const std::string& bytes, const fs::path& path) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failure(file_error(errno, "writing", path));
    done += static_cast<std::size_t>(n);
  }
  return {};
}

Result<void> sync_folder(const fs::path& folder) {
  const File handle(folder, O_RDONLY | O_DIRECTORY);
  if (!handle.is_open() || ::fsync(handle.get()) != 0) return failure(file_error(errno, "syncing", folder));
  return {};
}

Result<void> write_and_sync(const fs::path& path, const std::string& bytes) {
  const File file(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file.is_open()) return failure(file_error(errno, "creating", path));
  CAPROCK_CHECK(write_all(file.get(), bytes, path));
  if (::fsync(file.get()) != 0) return failure(file_error(errno, "syncing", path));
  return {};
}

}  // namespace

Result<void> write_durably(const fs::path& scratch, const fs::path& target, const std::string& bytes) {
  Result<void> written = write_and_sync(scratch, bytes);
  if (written && ::rename(scratch.c_str(), target.c_str()) != 0)
    written = failure(file_error(errno, "naming", target));
  if (!written) {
    ::unlink(scratch.c_str());
    return written;
  }
  return sync_folder(target.parent_path());
}

Result<std::string> read_file(const fs::path& path) {
  const File file(path, O_RDONLY);
  if (!file.is_open()) return failure(file_error(errno, "opening", path));
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) return failure(file_error(errno, "reading", path));
  std::string bytes(static_cast<std::size_t>(info.st_size), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::read(file.get(), bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failure(file_error(errno, "reading", path));
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  bytes.resize(done);
  return bytes;
}

Result<void> remove_file(const fs::path& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT && errno != ENOTDIR)
    return failure(file_error(errno, "removing", path));
  return {};
}

Result<void> make_folder(const fs::path& path) {
  if (fs::is_directory(path)) return {};
  if (path.has_parent_path() && path.parent_path() != path) CAPROCK_CHECK(make_folder(path.parent_path()));
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return failure(file_error(errno, "making", path));
  return sync_folder(path.parent_path());
}

}  // namespace caprock::stores
