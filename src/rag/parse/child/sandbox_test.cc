#include "rag/parse/child/sandbox.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace caprock::rag {
namespace {

// Runs `attempt` in a forked child inside the sandbox; true when the child could do it.
template <class Attempt>
bool can(bool programs, Attempt attempt) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    enter_sandbox({.programs = programs});
    ::_exit(attempt() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool opens(const char* path, int flags) { return ::open(path, flags, 0600) >= 0; }

TEST(Sandbox_Sealed, HasNoFilesNoNetworkNoPrograms) {
  EXPECT_FALSE(can(false, [] { return opens("/etc/passwd", O_RDONLY); }));
  EXPECT_FALSE(can(false, [] { return opens("/tmp/caprock-sandbox-test", O_WRONLY | O_CREAT); }));
  EXPECT_FALSE(can(false, [] { return ::socket(AF_INET, SOCK_STREAM, 0) >= 0; }));
  EXPECT_FALSE(can(false, [] { return ::socket(AF_UNIX, SOCK_STREAM, 0) >= 0; }));
  EXPECT_FALSE(can(false, [] { return ::fork() >= 0; }));
  EXPECT_FALSE(can(false, [] { return ::kill(::getppid(), 0) == 0; }));
  EXPECT_FALSE(can(false, [] {
    ::execl("/bin/true", "true", nullptr);
    return false;
  }));
}

TEST(Sandbox_WithPrograms, ReadsOnlyTheSystemsLibraries) {
  EXPECT_FALSE(can(true, [] { return ::socket(AF_INET, SOCK_STREAM, 0) >= 0; }));
  EXPECT_FALSE(can(true, [] { return opens("/tmp/caprock-sandbox-test", O_WRONLY | O_CREAT); }));
  EXPECT_TRUE(can(true, [] { return opens("/usr/bin/env", O_RDONLY); }));
  EXPECT_TRUE(can(true, [] { return ::execl("/bin/true", "true", nullptr) == 0; }));
  if (sandbox_features().starts_with("no landlock")) GTEST_SKIP() << "this kernel has no Landlock";
  EXPECT_FALSE(can(true, [] { return opens("/etc/passwd", O_RDONLY); }));
}

TEST(Sandbox_AfterSealing, StartsNoPrograms) {
  EXPECT_FALSE(can(true, [] {
    seal_sandbox();
    ::execl("/bin/true", "true", nullptr);
    return false;
  }));
}

}  // namespace
}  // namespace caprock::rag
