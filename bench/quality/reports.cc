#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "quality/data.h"
#include "quality/pdf_truth.h"
#include "quality/sets.h"

namespace caprock::bench {
namespace {

constexpr double kGoal = 0.99;
constexpr std::size_t kSearchEach = 4;  ///< every fourth phrase is searched for too

/// The text of every page as it is stored, folded: by the lines with boxes that citations point with.
std::vector<std::string> stored_pages(const std::string& text, const std::vector<stores::Chunk>& chunks,
                                      std::size_t pages) {
  std::map<stores::TextSpan, std::uint32_t> lines;  // passages overlap: each line once
  for (const stores::Chunk& chunk : chunks) {
    for (const stores::LineBox& line : chunk.boxes) lines.try_emplace(line.span, line.page);
  }
  std::vector<std::string> out(pages + 1);
  for (const auto& [span, page] : lines) {
    if (page <= pages) out[page] += folded(base::slice_code_points(text, span.start, span.end));
  }
  return out;
}

std::vector<std::string> paragraphs_of(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find("\n\n", at), text.size());
    out.push_back(folded(std::string_view(text).substr(at, end - at)));
    at = end + 2;
  }
  return out;
}

struct Tally {
  double pages = 0;
  double whole_pages = 0;  ///< every phrase found
  double phrases = 0;
  double found = 0;
  double passages = 0;
  double clean = 0;
  double running = 0;
  double left = 0;  ///< running lines that stand in the text, alone in a paragraph or not
  double searched = 0;
  double search_hits = 0;
};

void check_page(Report& report, const std::string& name, std::size_t number, const std::string& stored,
                const std::vector<std::string>& phrases, Tally& tally) {
  std::size_t found = 0;
  for (const std::string& phrase : phrases) {
    const bool here = stored.find(folded(phrase)) != std::string::npos;
    found += here ? 1 : 0;
    if (!here) report.note(fmt::format("{} page {} lacks: {}", name, number, phrase));
  }
  tally.pages += 1;
  tally.phrases += static_cast<double>(phrases.size());
  tally.found += static_cast<double>(found);
  tally.whole_pages += found == phrases.size() ? 1 : 0;
}

/// A running line inside a paragraph with other words: it cuts a sentence, or stands in a row of a table.
bool is_mixed(const std::vector<std::string>& paragraphs, const std::string& line) {
  return std::ranges::any_of(paragraphs, [&](const std::string& paragraph) {
    return paragraph.size() > line.size() && paragraph.find(line) != std::string::npos;
  });
}

void check_running(Report& report, const std::string& name, const std::vector<stores::Chunk>& chunks,
                   const std::string& text, const std::set<std::string>& running, Tally& tally) {
  const std::string whole = folded(text);
  for (const std::string& line : running) tally.left += whole.find(line) != std::string::npos ? 1 : 0;
  tally.running += static_cast<double>(running.size());
  for (const stores::Chunk& chunk : chunks) {
    const auto paragraphs = paragraphs_of(chunk.content);
    const auto mixed =
        std::ranges::find_if(running, [&](const std::string& line) { return is_mixed(paragraphs, line); });
    tally.passages += 1;
    tally.clean += mixed == running.end() ? 1 : 0;
    if (mixed != running.end())
      report.note(fmt::format("{} passage {} holds the running line {}", name, chunk.index, *mixed));
  }
}

/// Searches for some phrases of five words of a page. Many pages share sentences, so any passage with the
/// words will do.
void search(Workspace& workspace, const std::vector<std::string>& phrases, Tally& tally) {
  for (std::size_t i = 0; i < phrases.size(); i += kSearchEach) {
    if (std::ranges::count(phrases[i], ' ') < 4) continue;
    const std::string wanted = folded(phrases[i]);
    const auto found = workspace.retrieve({.query = phrases[i]});
    const bool hit = std::ranges::any_of(found.passages, [&](const rag::Passage& passage) {
      return folded(passage.chunk.content).find(wanted) != std::string::npos;
    });
    tally.searched += 1;
    tally.search_hits += hit ? 1 : 0;
  }
}

Tally check(Report& report, Workspace& workspace, const std::vector<std::filesystem::path>& files,
            const std::vector<stores::Document>& documents) {
  Tally tally;
  for (std::size_t d = 0; d < files.size(); ++d) {
    const std::string name = files[d].filename().string();
    const auto pages = read_true_pages(files[d]);
    const auto running = running_lines(pages);
    const auto chunks = workspace.chunks(documents[d]);
    const std::string& text = workspace.text(documents[d].id);
    const auto stored = stored_pages(text, chunks, pages.size());
    std::set<std::string> of_all;
    for (std::size_t p = 0; p < pages.size(); ++p) {
      of_all.insert(running[p].begin(), running[p].end());
      const auto phrases = phrases_of(pages[p], running[p]);
      if (phrases.empty()) continue;
      check_page(report, name, p + 1, stored[p + 1], phrases, tally);
      search(workspace, phrases, tally);
    }
    check_running(report, name, chunks, text, of_all, tally);
  }
  return tally;
}

void measure_folder(Report& report, const Options& options, const std::string& set,
                    const std::vector<std::filesystem::path>& files, bool judged) {
  Workspace workspace(options, model_of(options));
  const auto documents = workspace.ingest_all(pdf_documents(files));
  const Tally tally = check(report, workspace, files, documents);
  const auto put = [&](const std::string& measure, double value) {
    if (judged)
      report.judged(set, measure, value, kGoal);
    else
      report.figure(set, measure, value);
  };
  put("phrases of a page found on that page of the stored text", tally.found / tally.phrases);
  put("passages without a running header or footer in a paragraph", tally.clean / tally.passages);
  report.figure(set, "phrases", tally.phrases);
  report.figure(set, "phrases of five words searched: a passage with them among five",
                tally.search_hits / tally.searched);
  report.figure(set, "pages with text", tally.pages);
  report.figure(set, "pages of which every phrase is found", tally.whole_pages);
  report.figure(set, "different running lines", tally.running);
  report.figure(set, "of them anywhere in the stored text", tally.left);
}

}  // namespace

std::vector<rag::Submission> pdf_documents(const std::vector<std::filesystem::path>& files) {
  std::vector<rag::Submission> out;
  for (const auto& file : files) {
    const std::string name = file.filename().string();
    out.push_back({.bytes = read_whole(file), .source = name, .file_name = name});
  }
  return out;
}

void measure_reports(Report& report, const Options& options) {
  const auto agencies = files_in(data_file("pdf"), ".pdf");
  measure_folder(report, options, "NTSB reports", files_in(data_file("pdf/ntsb"), ".pdf"), true);
  std::vector<std::filesystem::path> others;
  std::ranges::copy_if(agencies, std::back_inserter(others), [](const std::filesystem::path& file) {
    return file.parent_path().filename() != "ntsb";
  });
  measure_folder(report, options, "agency reports", others, false);
}

}  // namespace caprock::bench
