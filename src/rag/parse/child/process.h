#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace caprock::rag {

/// What a program did.
struct ProcessOutcome {
  std::string output;
  std::string errors;  ///< the first 4 KiB of its standard error
  int exit_code = 0;   ///< when it ended by itself
  int signal = 0;      ///< when a signal ended it
  bool timed_out = false;
  bool too_much = false;  ///< it wrote more than allowed
};

struct ProcessRequest {
  std::vector<std::string> command;      ///< absolute path, then arguments
  std::vector<std::string> environment;  ///< the whole of it: nothing is inherited
  std::string_view input;  ///< its standard input, a file it can seek in; alive until the call returns
  int input_fd = -1;       ///< instead of `input`, an open file
  std::chrono::milliseconds wall_time{20'000};
  std::size_t max_output = 64ULL << 20;
  bool own_group =
      true;  ///< false: stays in our process group and is not killed; whoever watches that group does
};

/// Starts a program with three descriptors and nothing else of ours, in a process group of its own, and
/// waits; the whole group is killed at the time limit, at the output limit, and when it has ended.
/// posix_spawn, so that a large parent costs nothing. Thread safe. kInternal when it cannot be started.
base::Result<ProcessOutcome> run_process(const ProcessRequest& request);

/// The bytes as an unlinked file in memory, to read only. -1 with errno on failure; the caller closes it.
int memory_file(std::string_view bytes);

}  // namespace caprock::rag
