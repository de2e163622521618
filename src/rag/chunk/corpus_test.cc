#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>

#include "base/utf8.h"
#include "rag/chunk/chunker.h"
#include "rag/parse/fuzz/check.h"
#include "rag/parse/parser.h"

// What must hold for real documents. The data stands beside the project and is not part of it.
namespace caprock::rag {
namespace {

namespace fs = std::filesystem;

constexpr const char* kData = "../shared/data";

// Sanitizers slow the whole corpus down to minutes; a sample of every kind of file is enough for them.
#ifdef CAPROCK_SANITIZED
constexpr std::size_t kEvery = 12;
#else
constexpr std::size_t kEvery = 1;
#endif

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<fs::path> files_under(const fs::path& folder) {
  std::vector<fs::path> files;
  if (!fs::exists(folder)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::ranges::sort(files);
  std::vector<fs::path> sample;
  for (std::size_t i = 0; i < files.size(); i += kEvery) sample.push_back(files[i]);
  return sample;
}

bool is_space_only(std::string_view text) {
  return text.find_first_not_of(" \t\n\f") == std::string_view::npos;
}

void expect_true_chunks(const ParsedDocument& document, const ChunkSettings& settings,
                        const std::string& name) {
  // Byte offsets of all code points, so that slices cost nothing.
  std::vector<std::size_t> offsets;
  for (std::size_t at = 0; at < document.text.size(); base::next_code_point(document.text, at))
    offsets.push_back(at);
  offsets.push_back(document.text.size());
  const auto slice = [&](std::uint32_t start, std::uint32_t end) {
    return std::string_view(document.text).substr(offsets[start], offsets[end] - offsets[start]);
  };
  std::uint32_t covered = 0;
  std::uint32_t index = 0;
  for (const stores::Chunk& chunk : chunk_document(document, settings)) {
    ASSERT_LE(chunk.span.end, offsets.size() - 1) << name;
    ASSERT_EQ(chunk.content, slice(chunk.span.start, chunk.span.end)) << name;
    ASSERT_EQ(chunk.index, index++);
    ASSERT_FALSE(is_space_only(chunk.content)) << name;
    if (settings.unit == "characters") {
      ASSERT_LE(chunk.span.end - chunk.span.start, settings.size) << name;
    }
    if (chunk.span.start > covered) {
      ASSERT_TRUE(is_space_only(slice(covered, chunk.span.start))) << name << " " << covered;
    }
    ASSERT_GT(chunk.span.end, covered) << name;
    covered = chunk.span.end;
  }
  EXPECT_TRUE(is_space_only(slice(covered, static_cast<std::uint32_t>(offsets.size() - 1)))) << name;
}

TEST(ChunkDocument_RealFiles, SlicesAreExactAndCoverAll) {
  const std::vector<fs::path> files = files_under(kData);
  if (files.empty()) GTEST_SKIP() << kData << " is not here";
  for (const fs::path& file : files) {
    const auto document = parse_document({.bytes = read_file(file), .file_name = file.filename()}, {});
    ASSERT_TRUE(document) << file << ": " << document.error().message;
    ASSERT_TRUE(holds_invariants(*document)) << file;
    for (const ChunkSettings& settings : {ChunkSettings{}, ChunkSettings{.size = 200, .overlap = 40},
                                          ChunkSettings{.size = 256, .overlap = 50, .unit = "tokens"}})
      expect_true_chunks(*document, settings, file.filename());
  }
}

// --- the NTSB reports ---

// The body of one page of a report as phrases: seven words in a row from the middle of its lines, running
// lines aside.
std::vector<std::string> phrases_of(const std::string& page) {
  static const std::regex running("^\\s*Page \\d+ of \\d+.*$");
  std::vector<std::string> phrases;
  std::size_t start = 0;
  while (start < page.size()) {
    const std::size_t end = std::min(page.find('\n', start), page.size());
    const std::string line = page.substr(start, end - start);
    start = end + 1;
    if (std::regex_match(line, running) || line.find("  ", line.find_first_not_of(' ')) != std::string::npos)
      continue;
    const std::size_t first = line.find_first_not_of(' ');
    if (first != std::string::npos && std::ranges::count(line, ' ') >= 7)
      phrases.push_back(line.substr(first));
  }
  return phrases;
}

TEST(ParsePdf_NtsbReports, EveryPageIsFoundByItsPhrases) {
  const std::vector<fs::path> files = files_under(fs::path(kData) / "pdf" / "ntsb");
  if (files.empty() || ::access("/usr/bin/pdftotext", X_OK) != 0) GTEST_SKIP() << kData << " is not here";
  int pages = 0;
  int found = 0;
  for (const fs::path& file : files) {
    const auto document = parse_document({.bytes = read_file(file)}, {});
    ASSERT_TRUE(document) << file;
    const auto chunks = chunk_document(*document, {});
    const fs::path layout = fs::temp_directory_path() / "caprock_corpus_test.txt";
    ASSERT_EQ(std::system(("pdftotext -layout '" + file.string() + "' '" + layout.string() + "'").c_str()),
              0);  // NOLINT
    const std::string text = read_file(layout);
    fs::remove(layout);
    std::size_t start = 0;
    for (std::uint32_t page = 1; start < text.size(); ++page) {
      const std::size_t end = std::min(text.find('\f', start), text.size());
      const std::vector<std::string> phrases = phrases_of(text.substr(start, end - start));
      start = end + 1;
      if (phrases.empty()) continue;
      ++pages;
      // In a chunk that says it begins on this page or the one before.
      const bool hit = std::ranges::any_of(phrases, [&](const std::string& phrase) {
        return std::ranges::any_of(chunks, [&](const stores::Chunk& chunk) {
          return chunk.content.find(phrase) != std::string::npos &&
                 (chunk.page == page || chunk.page == page - 1);
        });
      });
      found += hit;
      EXPECT_TRUE(hit) << file << " page " << page << ": " << phrases.front();
    }
  }
  EXPECT_GE(found * 100, pages * 99) << found << " of " << pages;
}

TEST(ParsePdf_NtsbReports, HaveNoRunningLinesInTheirText) {
  const std::vector<fs::path> files = files_under(fs::path(kData) / "pdf" / "ntsb");
  if (files.empty()) GTEST_SKIP() << kData << " is not here";
  const std::regex page_number("Page \\d+ of \\d+");
  for (const fs::path& file : files) {
    const auto document = parse_document({.bytes = read_file(file)}, {});
    ASSERT_TRUE(document) << file;
    EXPECT_FALSE(std::regex_search(document->text, page_number)) << file;
    // The accident's number stands on page 1, and in the footer of every other page.
    const std::size_t at = document->text.find("Accident Number: ");
    ASSERT_NE(at, std::string::npos) << file;
    const std::string number = document->text.substr(at + 17, 10);
    EXPECT_EQ(document->text.find(number, at + 27), std::string::npos) << file << " " << number;
  }
}

}  // namespace
}  // namespace caprock::rag
