#include "rag/parse/child/sandbox.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <vector>

namespace caprock::rag {
namespace {

// --- Landlock: which files. https://docs.kernel.org/userspace-api/landlock.html; the headers of Debian 12
// know only its first two versions, so its numbers stand here.
constexpr long kLandlockCreateRuleset = 444;
constexpr long kLandlockAddRule = 445;
constexpr long kLandlockRestrictSelf = 446;
constexpr unsigned kRulesetVersion = 1;
constexpr unsigned kRulePathBeneath = 1;
constexpr std::uint64_t kExecute = 1U << 0U;
constexpr std::uint64_t kReadFile = 1U << 2U;
constexpr std::uint64_t kReadDir = 1U << 3U;
constexpr std::uint64_t kAllNet = 3;     ///< TCP bind and connect, since version 4
constexpr std::uint64_t kAllScopes = 3;  ///< abstract sockets and signals, since version 6

struct Ruleset {
  std::uint64_t handled_files;
  std::uint64_t handled_net;
  std::uint64_t scoped;
};

struct __attribute__((packed)) PathBeneath {
  std::uint64_t allowed;
  std::int32_t parent_fd;
};

long landlock_version() { return ::syscall(kLandlockCreateRuleset, nullptr, 0, kRulesetVersion); }

// Bits that a version of Landlock knows: 13 of the first, then REFER, TRUNCATE, and IOCTL_DEV.
std::uint64_t all_file_rights(long version) {
  const unsigned bits = version >= 5 ? 16 : version >= 3 ? 15 : version == 2 ? 14 : 13;
  return (1ULL << bits) - 1;
}

void allow_path(int ruleset, const char* path, std::uint64_t rights) {
  const int fd = ::open(path, O_PATH | O_CLOEXEC);
  if (fd < 0) return;
  const PathBeneath rule{rights, fd};
  ::syscall(kLandlockAddRule, ruleset, kRulePathBeneath, &rule, 0);
  ::close(fd);
}

void restrict_files(bool programs) {
  const long version = landlock_version();
  if (version < 1) return;
  const Ruleset rules{all_file_rights(version), version >= 4 ? kAllNet : 0, version >= 6 ? kAllScopes : 0};
  const std::size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
  const auto ruleset = static_cast<int>(::syscall(kLandlockCreateRuleset, &rules, size, 0));
  if (ruleset < 0) return;
  if (programs) {
    for (const char* folder : {"/usr", "/lib", "/lib32", "/lib64", "/bin"})
      allow_path(ruleset, folder, kExecute | kReadFile | kReadDir);
    for (const char* file : {"/etc/ld.so.cache", "/etc/ld.so.preload", "/dev/null"})
      allow_path(ruleset, file, kReadFile);
  }
  ::syscall(kLandlockRestrictSelf, ruleset, 0);
  ::close(ruleset);
}

// --- seccomp: which system calls. They fail with an error rather than kill, so that a library that merely
// tries something goes on without it.
#if defined(__x86_64__)
constexpr unsigned kArchitecture = AUDIT_ARCH_X86_64;
constexpr unsigned kForeignAbi = 0x40000000;  ///< x32 calls begin here
#elif defined(__aarch64__)
constexpr unsigned kArchitecture = AUDIT_ARCH_AARCH64;
constexpr unsigned kForeignAbi = 0xFFFFFFFF;
#endif

#if defined(__x86_64__) || defined(__aarch64__)

// Never needed by a parser or by pdftotext.
constexpr std::array kForbidden{
    SYS_socket,
    SYS_socketpair,
    SYS_connect,
    SYS_bind,
    SYS_listen,
    SYS_accept,
    SYS_accept4,
    SYS_sendto,
    SYS_sendmsg,
    SYS_sendmmsg,
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_kill,
    SYS_tkill,
    SYS_pidfd_open,
    SYS_pidfd_getfd,
    SYS_pidfd_send_signal,
    SYS_rt_sigqueueinfo,
    SYS_rt_tgsigqueueinfo,
    SYS_unshare,
    SYS_setns,
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_bpf,
    SYS_perf_event_open,
    SYS_userfaultfd,
    SYS_keyctl,
    SYS_add_key,
    SYS_request_key,
    SYS_io_uring_setup,
    SYS_io_uring_enter,
    SYS_io_uring_register,
    SYS_open_by_handle_at,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_kexec_load,
    SYS_reboot,
    SYS_swapon,
    SYS_swapoff,
    SYS_quotactl,
    SYS_acct,
    SYS_syslog,
    SYS_personality,
    SYS_mknodat,
    SYS_mkdirat,
    SYS_unlinkat,
    SYS_symlinkat,
    SYS_linkat,
    SYS_renameat2,
    SYS_truncate,
    SYS_fchmodat,
    SYS_fchmod,
    SYS_fchownat,
    SYS_fchown,
    SYS_utimensat,
    SYS_setxattr,
    SYS_lsetxattr,
    SYS_fsetxattr,
    SYS_removexattr,
    SYS_shmget,
    SYS_shmat,
    SYS_msgget,
    SYS_semget,
    SYS_mq_open,
    SYS_setsid,
    SYS_setpgid,
    SYS_sched_setaffinity,
    SYS_sched_setscheduler,
    SYS_setpriority,
    SYS_inotify_init1,
    SYS_fanotify_init,
    SYS_renameat,
#if defined(__x86_64__)
    SYS_open_tree,
    SYS_mkdir,
    SYS_rmdir,
    SYS_unlink,
    SYS_symlink,
    SYS_link,
    SYS_rename,
    SYS_chmod,
    SYS_chown,
    SYS_lchown,
    SYS_creat,
    SYS_mknod,
    SYS_utime,
    SYS_utimes,
    SYS_futimesat,
    SYS_ioperm,
    SYS_iopl,
    SYS_inotify_init,
#endif
};

// What only starting a program needs.
constexpr std::array kForSealed{
    SYS_openat, SYS_execve, SYS_execveat, SYS_clone,
#if defined(__x86_64__)
    SYS_open,   SYS_fork,   SYS_vfork,
#endif
};

constexpr unsigned kRefuse = SECCOMP_RET_ERRNO | EPERM;
constexpr unsigned kUnknown = SECCOMP_RET_ERRNO | ENOSYS;  ///< so that libc falls back to the older call

class Filter {
 public:
  Filter() {
    load(offsetof(seccomp_data, arch));
    program_.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0));
    end(SECCOMP_RET_KILL_PROCESS);
    load(offsetof(seccomp_data, nr));
    program_.push_back(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, kForeignAbi, 0, 1));
    end(kUnknown);
  }

  void deny(long call, unsigned answer) {
    program_.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 1));
    end(answer);
  }

  // Denies a call when argument `index` has any of `bits`.
  void deny_bits(long call, unsigned index, unsigned bits) {
    program_.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 4));
    load(static_cast<unsigned>(offsetof(seccomp_data, args) + 8UL * index));
    program_.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1));
    end(kRefuse);
    load(offsetof(seccomp_data, nr));
  }

  void install() {
    end(SECCOMP_RET_ALLOW);
    const sock_fprog program{static_cast<unsigned short>(program_.size()), program_.data()};
    ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
  }

 private:
  void load(std::size_t offset) {
    program_.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<unsigned>(offset)));
  }
  void end(unsigned answer) { program_.push_back(BPF_STMT(BPF_RET | BPF_K, answer)); }
  std::vector<sock_filter> program_;
};

void restrict_calls() {
  Filter filter;
  for (const long call : kForbidden) filter.deny(call, kRefuse);
  filter.deny(SYS_openat2, kUnknown);  // its flags are behind a pointer, where a filter cannot look
  constexpr unsigned kWriting = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC;
  filter.deny_bits(SYS_openat, 2, kWriting);
#if defined(__x86_64__)
  filter.deny_bits(SYS_open, 1, kWriting);
#endif
  filter.install();
}

void restrict_calls_further() {
  Filter filter;
  for (const long call : kForSealed) filter.deny(call, kRefuse);
  filter.deny(SYS_clone3, kUnknown);
  filter.install();
}

#else
void restrict_calls() {}
void restrict_calls_further() {}
#endif

void limit(int resource, std::uint64_t soft, std::uint64_t hard) {
  const rlimit value{soft, hard};
  ::setrlimit(static_cast<__rlimit_resource>(resource), &value);
}

void set_limits(const SandboxLimits& limits) {
  const auto seconds = static_cast<std::uint64_t>(std::max<long>((limits.cpu_time.count() + 999) / 1000, 1));
  limit(RLIMIT_CPU, seconds, seconds + 1);  // SIGXCPU, a second later SIGKILL
  limit(RLIMIT_CORE, 0, 0);
  limit(RLIMIT_FSIZE, 0, 0);
  limit(RLIMIT_NOFILE, 64, 64);
#ifndef CAPROCK_SANITIZED
  limit(RLIMIT_AS, limits.memory, limits.memory);
#endif
}

}  // namespace

void enter_sandbox(const SandboxLimits& limits) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_DUMPABLE, 0);
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  restrict_files(limits.programs);
  restrict_calls();
  if (!limits.programs) restrict_calls_further();
  set_limits(limits);
}

void seal_sandbox() { restrict_calls_further(); }

std::string sandbox_features() {
  const long version = landlock_version();
  std::string features = version > 0 ? "landlock " + std::to_string(version) : "no landlock";
  return features + (::prctl(PR_GET_SECCOMP) >= 0 ? ", seccomp" : ", no seccomp");
}

}  // namespace caprock::rag
