#include "stores/text/embedded/segment_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace caprock::stores::text {
namespace {

base::Error io_error(const std::filesystem::path& path, const char* step, int code) {
  const bool full = code == ENOSPC || code == EDQUOT;
  base::Error error(full ? base::ErrorKind::kOutOfSpace : base::ErrorKind::kUnavailable,
                    full ? "the disk is full" : "the text index could not be written or read");
  return std::move(error)
      .with_detail(std::string(step) + " " + path.string() + ": " + std::strerror(code))
      .with_origin({.component = "text", .status = code});
}

/// Closes on every way out.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }

 private:
  int fd_;
};

base::Result<void> write_all(const std::filesystem::path& path, std::string_view bytes) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file.open()) return base::failure(io_error(path, "open", errno));
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return base::failure(io_error(path, "write", errno));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(file.get()) != 0) return base::failure(io_error(path, "fsync", errno));
  return {};
}

base::Result<void> sync_folder(const std::filesystem::path& folder) {
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.open() || ::fsync(opened.get()) != 0) return base::failure(io_error(folder, "fsync", errno));
  return {};
}

}  // namespace

base::Result<std::shared_ptr<const SegmentFile>> SegmentFile::open(const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open()) {
    if (errno != ENOENT) return base::failure(io_error(path, "open", errno));
    return base::failure(base::internal_error("text segment is missing: " + path.string()));
  }
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return base::failure(io_error(path, "stat", errno));
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return base::failure(base::internal_error("text segment is empty: " + path.string()));
  void* mapped = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.get(), 0);
  if (mapped == MAP_FAILED) return base::failure(io_error(path, "mmap", errno));
  // Private constructor: make_shared cannot reach it.
  std::shared_ptr<SegmentFile> opened(new SegmentFile({static_cast<const char*>(mapped), size}));
  CAPROCK_TRY(Segment segment, Segment::open(opened->bytes_));
  opened->segment_ = std::make_unique<Segment>(std::move(segment));
  return opened;
}

SegmentFile::~SegmentFile() { ::munmap(const_cast<char*>(bytes_.data()), bytes_.size()); }

base::Result<void> write_file_durably(const std::filesystem::path& path, std::string_view bytes) {
  std::filesystem::path temporary = path;
  temporary += ".tmp";
  auto written = write_all(temporary, bytes);
  if (written && ::rename(temporary.c_str(), path.c_str()) != 0)
    written = base::failure(io_error(path, "rename", errno));
  if (!written) {
    ::unlink(temporary.c_str());
    return written;
  }
  return sync_folder(path.parent_path());
}

}  // namespace caprock::stores::text
