#include "aws/credentials/run_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>

namespace caprock::aws {
namespace {

using base::Error;
using base::ErrorKind;
using base::failure;
using base::Result;
using Time = std::chrono::steady_clock::time_point;

constexpr std::chrono::milliseconds kGlance{50};  ///< how often a silent process is looked at

/// The two ends of a pipe, closed with it.
struct Pipe {
  std::array<int, 2> ends{-1, -1};
  Pipe() { (void)::pipe2(ends.data(), O_CLOEXEC); }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void close_end(std::size_t i) {
    if (ends[i] >= 0) ::close(ends[i]);
    ends[i] = -1;
  }
};

struct SpawnPlan {
  posix_spawn_file_actions_t files{};
  posix_spawnattr_t attributes{};

  explicit SpawnPlan(int output) {
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&files, output, 1);
    ::posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addclosefrom_np(&files, 3);
    ::posix_spawnattr_init(&attributes);
    ::posix_spawnattr_setflags(&attributes,
                               POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    sigset_t signals;
    sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes, &signals);
    // What a server ignores, a child would ignore as well.
    for (const int signal : {SIGPIPE, SIGHUP, SIGINT, SIGTERM}) sigaddset(&signals, signal);
    ::posix_spawnattr_setsigdefault(&attributes, &signals);
  }
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&files);
    ::posix_spawnattr_destroy(&attributes);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
};

Result<pid_t> start(const std::vector<std::string>& words, int output) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const SpawnPlan plan(output);
  pid_t child = -1;
  const int error =
      ::posix_spawnp(&child, arguments[0], &plan.files, &plan.attributes, arguments.data(), environ);
  if (error != 0)
    return failure(base::invalid_argument(
        "credential_process", fmt::format("credential_process cannot be started: {}", std::strerror(error))));
  return child;
}

/// A running program, killed with everything it started unless it was waited for.
class Child {
 public:
  Child(pid_t id, const ProcessLimits& limits, const std::stop_token& stop)
      : id_(id), limits_(limits), end_(std::chrono::steady_clock::now() + limits.time), stop_(stop) {}
  ~Child() {
    if (waited_) return;
    ::kill(-id_, SIGKILL);
    ::waitpid(id_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  Result<std::string> read_all(int output) const {
    std::string text;
    std::array<char, 4096> piece{};
    while (true) {
      CAPROCK_CHECK(may_go_on());
      pollfd ready{output, POLLIN, 0};
      if (::poll(&ready, 1, static_cast<int>(kGlance.count())) <= 0) continue;
      const ssize_t got = ::read(output, piece.data(), piece.size());
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return text;
      text.append(piece.data(), static_cast<std::size_t>(got));
      if (text.size() > limits_.output)
        return failure(Error(ErrorKind::kUpstream, "credential_process wrote too much"));
    }
  }

  Result<void> wait() {
    while (true) {
      int status = 0;
      const pid_t done = ::waitpid(id_, &status, WNOHANG);
      waited_ = done == id_ || (done < 0 && errno == ECHILD);
      if (waited_) return verdict(status);
      CAPROCK_CHECK(may_go_on());
      ::poll(nullptr, 0, 1);
    }
  }

 private:
  Result<void> may_go_on() const {
    if (stop_.stop_requested()) return failure(Error(ErrorKind::kCancelled, "cancelled"));
    if (std::chrono::steady_clock::now() < end_) return {};
    return failure(Error(ErrorKind::kUnavailable,
                         fmt::format("credential_process did not end within {} ms", limits_.time.count())));
  }

  static Result<void> verdict(int status) {
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
    const std::string how = WIFEXITED(status) ? fmt::format("status {}", WEXITSTATUS(status))
                                              : fmt::format("signal {}", WTERMSIG(status));
    return failure(Error(ErrorKind::kUpstream,
                         fmt::format("credential_process ended with {}; run it by hand to see why", how)));
  }

  pid_t id_;
  const ProcessLimits& limits_;
  Time end_;
  const std::stop_token& stop_;
  bool waited_ = false;
};

}  // namespace

Result<std::string> run_process(const std::vector<std::string>& words, const ProcessLimits& limits,
                                const std::stop_token& stop) {
  Pipe pipe;
  if (pipe.ends[0] < 0)
    return failure(
        Error(ErrorKind::kUnavailable, "no pipe for credential_process").with_detail(std::strerror(errno)));
  CAPROCK_TRY(const pid_t id, start(words, pipe.ends[1]));
  Child child(id, limits, stop);
  pipe.close_end(1);
  CAPROCK_TRY(std::string text, child.read_all(pipe.ends[0]));
  CAPROCK_CHECK(child.wait());
  return text;
}

}  // namespace caprock::aws
