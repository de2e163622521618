#include "rag/parse/child/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace caprock::rag {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kMostErrors = 4096;

class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() { reset(); }
  void reset() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

struct Pipe {
  Fd read;
  Fd write;
};

base::Error os_error(const char* what) {
  return base::internal_error(std::string(what) + ": " + std::strerror(errno))
      .with_origin({.component = "parse", .model = {}, .region = {}, .request_id = {}, .status = errno});
}

base::Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return base::failure(os_error("pipe"));
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

// 0 and the pid, or an errno.
int spawn(const ProcessRequest& request, int in, int out, int err, pid_t& pid) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&actions, in, 0);
  posix_spawn_file_actions_adddup2(&actions, out, 1);
  posix_spawn_file_actions_adddup2(&actions, err, 2);
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);
  const int group = request.own_group ? POSIX_SPAWN_SETPGROUP : 0;
  posix_spawnattr_setflags(&attributes,
                           static_cast<short>(group | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
  std::vector<std::string> command = request.command;
  std::vector<std::string> environment = request.environment;
  const int error = ::posix_spawn(&pid, command.front().c_str(), &actions, &attributes,
                                  pointers(command).data(), pointers(environment).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

// Reads what is there; false at the end of the stream.
bool drain(int fd, std::string& into) {
  std::array<char, 64 * 1024> buffer;  // NOLINT: filled by read
  const ssize_t got = ::read(fd, buffer.data(), buffer.size());
  if (got < 0) return errno == EINTR || errno == EAGAIN;
  into.append(buffer.data(), static_cast<std::size_t>(got));
  return got > 0;
}

void collect(const ProcessRequest& request, Fd out, Fd err, ProcessOutcome& outcome) {
  const auto deadline = Clock::now() + request.wall_time;
  while (out.get() >= 0 || err.get() >= 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    outcome.timed_out = left <= 0;
    if (outcome.timed_out) return;
    std::array<pollfd, 2> polled{pollfd{out.get(), POLLIN, 0}, pollfd{err.get(), POLLIN, 0}};
    if (::poll(polled.data(), polled.size(), static_cast<int>(std::min<long>(left, 60'000))) < 0 &&
        errno != EINTR)
      return;
    if (polled[0].revents != 0 && !drain(out.get(), outcome.output)) out.reset();
    if (polled[1].revents != 0 && !drain(err.get(), outcome.errors)) err.reset();
    if (outcome.errors.size() > kMostErrors) outcome.errors.resize(kMostErrors);
    outcome.too_much = outcome.output.size() > request.max_output;
    if (outcome.too_much) return;
  }
}

// Waits until the program has ended, without reaping it, so that its number stays its own.
bool has_ended(pid_t pid, std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  for (;;) {
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT | WNOHANG) != 0 && errno != EINTR)
      return true;
    if (info.si_pid == pid) return true;
    if (Clock::now() >= deadline) return false;
    ::poll(nullptr, 0, 1);
  }
}

// The program has closed its output or must go: either way its whole group ends here.
void end_program(pid_t pid, bool own_group, ProcessOutcome& outcome) {
  if (own_group) {
    // It is about to exit by itself; one that closes its output and goes on is killed.
    if (!outcome.timed_out && !outcome.too_much) has_ended(pid, std::chrono::seconds(2));
    ::kill(-pid, SIGKILL);
  }
  int status = 0;
  pid_t done = 0;
  while ((done = ::waitpid(pid, &status, 0)) < 0 && errno == EINTR) {
  }
  if (done != pid) return;
  if (WIFSIGNALED(status))
    outcome.signal = WTERMSIG(status);
  else
    outcome.exit_code = WEXITSTATUS(status);
}

}  // namespace

int memory_file(std::string_view bytes) {
  const int fd = ::memfd_create("document", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return -1;
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      ::close(fd);
      return -1;
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  ::lseek(fd, 0, SEEK_SET);
  ::fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
  return fd;
}

base::Result<ProcessOutcome> run_process(const ProcessRequest& request) {
  CAPROCK_TRY(Pipe out, make_pipe());
  CAPROCK_TRY(Pipe err, make_pipe());
  Fd input(request.input_fd >= 0 ? ::fcntl(request.input_fd, F_DUPFD_CLOEXEC, 3)
                                 : memory_file(request.input));
  if (input.get() < 0) return base::failure(os_error("memfd_create"));
  pid_t pid = -1;
  if (const int error = spawn(request, input.get(), out.write.get(), err.write.get(), pid); error != 0) {
    errno = error;
    return base::failure(os_error(("cannot start " + request.command.front()).c_str()));
  }
  out.write.reset();
  err.write.reset();
  ProcessOutcome outcome;
  collect(request, std::move(out.read), std::move(err.read), outcome);
  end_program(pid, request.own_group, outcome);
  return outcome;
}

}  // namespace caprock::rag
