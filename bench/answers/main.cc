#include <cstdio>
#include <exception>
#include <functional>
#include <string>
#include <vector>

#include "answers/commands.h"

namespace caprock::bench {
namespace {

struct Command {
  const char* name;
  const char* help;
  void (*run)(Report&, const Arguments&);
};

constexpr Command kCommands[] = {
    {"answers",
     "XQuAD: paragraph recall, answers inside extractive answers, abstention [minilm|e5-small|words]",
     measure_xquad},
    {"citations", "every citation of every answer of all sets stands in its document [minilm|words]",
     measure_citations},
    {"calibrate", "fits the coefficients of rag/answer on the even articles of XQuAD and prints them",
     calibrate},
};

int usage() {
  std::puts(
      "bench/quality/run answers|citations|calibrate: how good answers are, on judged data, with the "
      "product's defaults");
  for (const Command& command : kCommands) std::printf("  %-12s %s\n", command.name, command.help);
  return 2;
}

int run(int argc, char** argv) {
  if (argc < 2) return usage();
  for (const Command& command : kCommands) {
    if (std::string(argv[1]) != command.name) continue;
    Report report(command.name);
    command.run(report, Arguments(argv + 2, argv + argc));
    report.print();
    report.write(argc, argv);
    return report.met() ? 0 : 1;
  }
  return usage();
}

}  // namespace
}  // namespace caprock::bench

int main(int argc, char** argv) {
  try {
    return caprock::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench/answers: %s\n", error.what());
    return 2;
  }
}
