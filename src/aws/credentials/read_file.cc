#include "aws/credentials/read_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace caprock::aws {
namespace {

using base::Error;
using base::ErrorKind;
using base::failure;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }

 private:
  int number_;
};

Error unreadable(const std::string& path, const char* why) {
  return Error(ErrorKind::kInvalidArgument, fmt::format("a file of AWS credentials cannot be read: {}", why))
      .with_detail(path);
}

}  // namespace

base::Result<std::optional<std::string>> read_small_file(const std::string& path, std::size_t limit) {
  if (path == "/dev/null") return std::nullopt;  // how people tell AWS's tools that there is no such file
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    return failure(unreadable(path, std::strerror(errno)));
  }
  struct stat about{};
  if (::fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode))
    return failure(unreadable(path, "it is no ordinary file"));
  std::string text(limit + 1, '\0');
  std::size_t length = 0;
  while (length < text.size()) {
    const ssize_t got = ::read(file.get(), text.data() + length, text.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failure(unreadable(path, std::strerror(errno)));
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
  }
  if (length > limit) return failure(unreadable(path, "it is too large"));
  text.resize(length);
  return text;
}

base::Result<void> replace_private_file(const std::string& path, const std::string& text) {
  std::string temporary = path + ".XXXXXX";
  const Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));  // mode 0600
  const auto failed = [&](int reason) {
    if (file.get() >= 0) ::unlink(temporary.c_str());
    return failure(Error(ErrorKind::kUnavailable, "a file of AWS credentials cannot be written")
                       .with_detail(path + ": " + std::strerror(reason)));
  };
  if (file.get() < 0) return failed(errno);
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t put = ::write(file.get(), text.data() + written, text.size() - written);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return failed(errno);
    written += static_cast<std::size_t>(put);
  }
  if (::fsync(file.get()) != 0) return failed(errno);
  if (std::rename(temporary.c_str(), path.c_str()) != 0) return failed(errno);
  return {};
}

}  // namespace caprock::aws
