#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace caprock::rag {

/// What a parser may use.
struct SandboxLimits {
  std::chrono::milliseconds cpu_time{10'000};
  std::uint64_t memory =
      512ULL << 20;       ///< address space in bytes; not limited under sanitizers, which reserve it all
  bool programs = false;  ///< may start programs of /usr and read its libraries, until `seal_sandbox`
};

/// Takes away from this process, for good: the network, writing and (unless `programs`) reading files,
/// starting programs, signalling and tracing others, core dumps; and sets the limits. Resource limits,
/// Landlock and a seccomp filter stand side by side: a kernel without one of them still has the others.
void enter_sandbox(const SandboxLimits& limits);

/// For a process that entered with `programs`: takes the rest away too. Descriptors that are open stay
/// usable.
void seal_sandbox();

/// What this kernel gives: "landlock 7, seccomp", for diagnostics.
std::string sandbox_features();

}  // namespace caprock::rag
