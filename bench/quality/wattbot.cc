#include <algorithm>
#include <fstream>
#include <regex>
#include <sstream>
#include <stdexcept>

#include "quality/csv.h"
#include "quality/metrics.h"
#include "quality/report.h"
#include "quality/sets.h"
#include "rag/parse/text/encoding.h"

namespace caprock::bench {
namespace {

constexpr std::uint32_t kForFive = 40;  ///< passages that hold five documents

std::string read(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  std::ostringstream out;
  out << in.rdbuf();
  return rag::decode_text(out.str());  // metadata.csv is not UTF-8
}

/// "['chung2025', 'b']" and "chung2025" → the ids; "is_blank" → none.
std::set<std::string> ids_of(const std::string& list) {
  static const std::regex quoted("'([^']+)'");
  std::set<std::string> ids;
  for (std::sregex_iterator at(list.begin(), list.end(), quoted), end; at != end; ++at) ids.insert((*at)[1]);
  if (ids.empty() && list != "is_blank") ids.insert(list);
  return ids;
}

}  // namespace

void run_wattbot(const Options& options) {
  const auto folder = options.data / "wattbot";
  std::vector<SetDocument> documents;
  for (auto& row : read_csv(read(folder / "metadata.csv"))) {
    const auto file = folder / "docs" / (row["id"] + ".txt");
    if (std::filesystem::exists(file)) documents.push_back({row["id"], row["title"], read(file)});
  }
  Workspace workspace(options, "wattbot", documents);

  Report report("WattBot", {"hit@1", "hit@5", "of"});
  const auto measure = [&](const std::string& name, bool vectors) {
    double first = 0;
    double five = 0;
    double asked = 0;
    for (auto& row : read_csv(read(folder / "train_QA.csv"))) {
      const auto relevant = ids_of(row["ref_id"]);
      if (relevant.empty()) continue;
      const auto found = documents_of(
          workspace.retrieve({.query = row["question"], .top_k = kForFive, .use_vectors = vectors}));
      asked += 1;
      first += hit_at(found, relevant, 1);
      five += hit_at(found, relevant, 5);
    }
    report.add(name, {first, five, asked});
  };
  measure("BM25 (words only)", false);
  if (workspace.has_vectors()) measure("hybrid, defaults", true);
  report.note(std::to_string(documents.size()) + " papers, " + std::to_string(workspace.chunk_count()) +
              " passages");
  report.print();
  report.write(options.work / "wattbot.json", options.command);
}

}  // namespace caprock::bench
