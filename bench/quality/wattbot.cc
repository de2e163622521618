#include <regex>

#include "quality/data.h"
#include "quality/metrics.h"
#include "quality/sets.h"

namespace caprock::bench {
namespace {

constexpr std::uint32_t kForFive = 40;  ///< passages that hold five documents
constexpr double kFirst = 34;
constexpr double kAmongFive = 38;

/// "['chung2025', 'b']" and "chung2025" → the ids; "is_blank" → none.
std::set<std::string> ids_of(const std::string& list) {
  static const std::regex kQuoted("'([^']+)'");
  std::set<std::string> ids;
  for (std::sregex_iterator at(list.begin(), list.end(), kQuoted), end; at != end; ++at) ids.insert((*at)[1]);
  if (ids.empty() && list != "is_blank") ids.insert(list);
  return ids;
}

struct Hits {
  double first = 0;
  double among_five = 0;
  double asked = 0;
};

Hits search(Workspace& workspace, bool vectors) {
  Hits hits;
  for (auto& row : read_csv(data_file("wattbot/train_QA.csv"))) {
    const auto relevant = ids_of(row["ref_id"]);
    if (relevant.empty()) continue;
    const auto found =
        sources_of(workspace.retrieve({.query = row["question"], .top_k = kForFive, .use_vectors = vectors}));
    hits.asked += 1;
    hits.first += hit_at(found, relevant, 1);
    hits.among_five += hit_at(found, relevant, 5);
  }
  return hits;
}

}  // namespace

std::vector<rag::Submission> wattbot_documents() {
  std::vector<rag::Submission> out;
  for (auto& row : read_csv(data_file("wattbot/metadata.csv"))) {
    const auto file = data_file("wattbot/docs") / (row["id"] + ".txt");
    if (std::filesystem::exists(file))
      out.push_back({.bytes = read_whole(file),
                     .source = row["id"],
                     .title = row["title"],
                     .content_type = "text/plain"});
  }
  return out;
}

void measure_wattbot(Report& report, const Options& options) {
  Workspace workspace(options, model_of(options));
  workspace.ingest_all(wattbot_documents());
  const Hits words = search(workspace, false);
  report.figure("WattBot", "words only: document hit@1", words.first);
  report.figure("WattBot", "words only: document hit@5", words.among_five);
  if (workspace.has_vectors()) {
    const Hits hybrid = search(workspace, true);
    report.judged("WattBot", "document hit@1", hybrid.first, kFirst);
    report.judged("WattBot", "document hit@5", hybrid.among_five, kAmongFive);
  }
  report.figure("WattBot", "answerable questions", words.asked);
  report.figure("WattBot", "passages", static_cast<double>(workspace.chunk_count()));
}

}  // namespace caprock::bench
