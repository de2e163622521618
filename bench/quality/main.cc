// caprock_quality SET|all [--model NAME] [--work DIR] [--fresh]
#include <cstdio>
#include <exception>
#include <iterator>
#include <optional>
#include <string>

#include "quality/sets.h"

namespace caprock::bench {
namespace {

struct Set {
  const char* name;
  const char* help;
  void (*measure)(Report&, const Options&);
  bool in_all = true;
};

constexpr Set kSets[] = {
    {"scifact", "SciFact: 300 claims over 5,183 abstracts", measure_scifact},
    {"xquad", "XQuAD-en: the paragraph of each of 1,190 questions among 240", measure_xquad},
    {"answers", "XQuAD-en: extractive answers, and abstention without the true paragraph", measure_answers},
    {"wattbot", "WattBot: the paper of each of 39 questions among 32", measure_wattbot},
    {"reports", "PDFs: every page is found on its page, and headers and footers are not in its sentences",
     measure_reports},
    {"languages", "questions in five languages, translated by us, over English paragraphs",
     measure_languages},
    {"citations", "every citation of every answer of all sets stands in its document", measure_citations},
    {"calibrate", "fits the coefficients of rag/answer on the even articles of XQuAD", calibrate, false},
};

int usage() {
  std::fputs("usage: bench/quality/run SET|all [--model minilm|e5|none] [--work DIR] [--fresh]\n", stderr);
  for (const Set& set : kSets) std::fprintf(stderr, "  %-12s %s\n", set.name, set.help);
  std::fputs("  all          all of them but calibrate, and the table of the goals\n", stderr);
  return 2;
}

std::optional<Options> options_of(int argc, char** argv) {
  Options options;
  options.command = "bench/quality/run";
  for (int i = 1; i < argc; ++i) options.command += std::string(" ") + argv[i];
  for (int i = 2; i < argc; ++i) {
    const std::string flag = argv[i];
    if (flag == "--fresh")
      options.fresh = true;
    else if (flag == "--work" && i + 1 < argc)
      options.work = argv[++i];
    else if (flag == "--model" && i + 1 < argc)
      options.model = argv[++i];
    else
      return std::nullopt;
  }
  return options;
}

/// A figure below its goal ends the program with 1, and so does a set that could not be measured.
int run(const std::string& name, const Options& options) {
  if (options.fresh) std::filesystem::remove_all(vectors_folder(options));
  Report report;
  bool known = false;
  bool whole = true;
  for (const Set& set : kSets) {
    if (name != set.name && (name != "all" || !set.in_all)) continue;
    known = true;
    std::fprintf(stderr, "%s\n", set.help);
    try {
      set.measure(report, options);
    } catch (const std::exception& failed) {
      std::fprintf(stderr, "%s: %s\n", set.name, failed.what());
      report.note(std::string(set.name) + " was not measured: " + failed.what());
      whole = false;
    }
  }
  if (!known) return usage();
  report.print();
  if (name == "all") report.print_goals();
  report.write(options.work / (name + ".json"), options.command);
  return whole && report.met() ? 0 : 1;
}

}  // namespace
}  // namespace caprock::bench

int main(int argc, char** argv) {
  using namespace caprock::bench;
  const auto options = options_of(argc, argv);
  return options && argc > 1 ? run(argv[1], *options) : usage();
}
