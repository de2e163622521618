// text_index_bench [COPIES] [DATA]: the text index on SciFact's abstracts cut to passages, each copy with its
// words shuffled and some dropped; then its 300 claims. Prints times by the clock and by the processor.
#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "stores/testing/run.h"
#include "stores/testing/temporary_folder.h"
#include "stores/text/embedded/text_index.h"

namespace {

using namespace caprock;

constexpr std::size_t kPassage = 1000;
constexpr std::size_t kBatch = 256;  ///< documents a put

double processor_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

std::vector<boost::json::object> read_lines(const std::filesystem::path& file) {
  std::vector<boost::json::object> rows;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) rows.push_back(boost::json::parse(line).as_object());
  return rows;
}

std::string varied(std::string_view text, std::mt19937& random) {
  std::istringstream in{std::string(text)};
  std::vector<std::string> words(std::istream_iterator<std::string>(in), {});
  std::ranges::shuffle(words, random);
  words.resize(words.size() / 2 + random() % (words.size() / 2 + 1));
  std::string out;
  for (const auto& word : words) out += word + " ";
  return out;
}

class Bench {
 public:
  explicit Bench(const std::filesystem::path& data) : data_(data) {}

  void fill(int copies) {
    const auto corpus = read_lines(data_ / "corpus.jsonl");
    std::mt19937 random(1);
    const double start = processor_seconds();
    for (int copy = 0; copy < copies; ++copy)
      for (std::size_t i = 0; i < corpus.size(); ++i) {
        add(corpus[i], "d" + std::to_string(copy) + "-" + std::to_string(i), copy == 0 ? nullptr : &random);
        if (i % kBatch == 0 || i + 1 == corpus.size()) flush();
      }
    std::printf("%zu passages, %.1f us of processor time a passage\n", passages_,
                1e6 * (processor_seconds() - start) / static_cast<double>(passages_));
    const double before = processor_seconds();
    if (!index_->compact()) std::puts("compact failed");
    std::uintmax_t bytes = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder_.path() / "text"))
      bytes += file.file_size();
    std::printf("%.0f bytes a passage on disk; the last flush and merges took %.1f s\n",
                static_cast<double>(bytes) / static_cast<double>(passages_), processor_seconds() - before);
  }

  void ask(bool documents) {
    std::vector<double> wall;
    const auto queries = read_lines(data_ / "queries.jsonl");
    double start = 0;
    for (int round = 0; round < 2; ++round) {  // the first warms up
      wall.clear();
      start = processor_seconds();
      for (const auto& query : queries) {
        const auto begin = std::chrono::steady_clock::now();
        const auto found = stores::testing::run(index_->search(
            context_, key_,
            {.text = std::string(query.at("text").as_string()), .document_scores = documents}));
        wall.push_back(
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
      }
    }
    const double processor = 1e3 * (processor_seconds() - start) / static_cast<double>(wall.size());
    std::ranges::sort(wall);
    std::printf("top 100%s: p50 %.3f ms, p99 %.3f ms, processor %.3f ms a query\n",
                documents ? " with documents' scores" : "", wall[wall.size() / 2],
                wall[wall.size() * 99 / 100], processor);
  }

 private:
  void add(const boost::json::object& row, const std::string& id, std::mt19937* random) {
    const std::string_view text = row.at("text").as_string();
    for (std::uint32_t i = 0; i * (kPassage - 200) < text.size(); ++i) {
      const std::string_view part = text.substr(i * (kPassage - 200), kPassage);
      batch_.push_back({.key = {stores::DocumentId(id), 1, i},
                        .title = std::string(row.at("title").as_string()),
                        .content = random == nullptr ? std::string(part) : varied(part, *random)});
    }
  }
  void flush() {
    passages_ += batch_.size();
    if (!stores::testing::run(index_->put(context_, key_, std::exchange(batch_, {}))))
      std::puts("put failed");
  }

  std::filesystem::path data_;
  stores::testing::TemporaryFolder folder_;
  base::BlockingPool pool_{{.name = "bench"}};
  std::unique_ptr<stores::Database> db_ =
      std::move(stores::Database::open(folder_.file("b.db"), {stores::text_index_tables()}).value());
  std::unique_ptr<stores::EmbeddedTextIndex> index_ =
      std::move(stores::EmbeddedTextIndex::open(*db_, pool_, folder_.path() / "text").value());
  base::RequestContext context_;
  stores::CollectionKey key_;
  std::vector<stores::TextRecord> batch_;
  std::size_t passages_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  Bench bench(argc > 2 ? argv[2] : "../shared/data/scifact");
  bench.fill(argc > 1 ? std::atoi(argv[1]) : 1);
  bench.ask(false);
  bench.ask(true);
  return 0;
}
