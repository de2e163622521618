// caprock_quality SET [--data DIR] [--work DIR] [--model NAME] [--fresh]
#include <cstdio>
#include <cstring>
#include <exception>
#include <map>

#include "quality/sets.h"

using namespace caprock::bench;

int main(int argc, char** argv) {
  const std::map<std::string, void (*)(const Options&)> sets{
      {"scifact", run_scifact}, {"wattbot", run_wattbot}, {"xquad", run_xquad}};
  Options options{.data = "../shared/data", .work = "build/quality"};
  const std::string set = argc > 1 ? argv[1] : "";
  bool understood = sets.contains(set);
  for (int i = 0; i < argc; ++i)
    options.command += std::string(i > 0 ? " " : "") + (i > 0 ? argv[i] : "bench/quality/run");
  for (int i = 2; i < argc; ++i) {
    const std::string flag = argv[i];
    if (flag == "--fresh")
      options.fresh = true;
    else if (flag == "--data" && i + 1 < argc)
      options.data = argv[++i];
    else if (flag == "--work" && i + 1 < argc)
      options.work = argv[++i];
    else if (flag == "--model" && i + 1 < argc)
      options.model = argv[++i];
    else
      understood = false;
  }
  if (!understood) {
    std::fprintf(stderr,
                 "usage: bench/quality/run scifact|wattbot|xquad [--data DIR] [--model NAME] [--fresh]\n");
    return 2;
  }
  try {
    sets.at(set)(options);
  } catch (const std::exception& failed) {
    std::fprintf(stderr, "%s: %s\n", set.c_str(), failed.what());
    return 1;
  }
  return 0;
}
