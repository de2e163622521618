// embed_bench [minilm|e5] [variant] [threads] [FILE]: throughput and latency of the embedded model, as one
// JSON object. Texts are made of common words, of the number of tokens that the published figures of other
// engines use; with a FILE of JSON strings, one a line, it is these texts as passages, as fast as the model
// takes them.
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <fstream>
#include <iostream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "providers/local/local_embedder.h"

namespace {

using namespace caprock;
using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

template <class T>
T run(base::Awaitable<T> work) {
  boost::asio::io_context io;
  auto future = boost::asio::co_spawn(io, std::move(work), boost::asio::use_future);
  io.run();
  return future.get();
}

/// `words` of them, which are nearly as many tokens.
std::string text_of(std::mt19937& random, std::size_t words) {
  static const std::vector<std::string> kWords{"water",  "energy", "engine",  "power", "the",  "of",
                                               "report", "and",    "model",   "data",  "cell", "growth",
                                               "in",     "carbon", "protein", "loss"};
  std::string text;
  for (std::size_t i = 0; i < words; ++i) text += kWords[random() % kWords.size()] + ' ';
  return text;
}

std::int64_t resident_kib(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(key)) return std::stoll(line.substr(key.size() + 1));
  return 0;
}

boost::json::object percentiles(std::vector<double> values) {
  std::ranges::sort(values);
  const auto at = [&](double q) {
    return values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))];
  };
  return {{"p50_ms", at(0.5)}, {"p99_ms", at(0.99)}, {"max_ms", at(1)}};
}

class Bench {
 public:
  explicit Bench(const providers::LocalEmbedderSettings& settings)
      : embedder_(providers::LocalEmbedder::make(settings).value()) {}

  llm::Embeddings embed(std::vector<std::string> texts, llm::EmbedPurpose purpose) {
    auto answer = run(embedder_->embed(context_, std::move(texts), purpose));
    if (!answer) throw std::runtime_error(answer.error().message + " (" + answer.error().detail + ")");
    return std::move(*answer);
  }

  std::string load() {
    auto variant = run(embedder_->load(context_));
    if (!variant) throw std::runtime_error(variant.error().message + " (" + variant.error().detail + ")");
    return *variant;
  }

  boost::json::object queries(std::size_t count, std::size_t least_words, std::size_t most_words) {
    std::vector<double> times;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t words = least_words + random_() % (most_words - least_words + 1);
      std::vector<std::string> texts{text_of(random_, words)};
      const auto start = Clock::now();
      embed(std::move(texts), llm::EmbedPurpose::kQuery);
      times.push_back(milliseconds_since(start));
    }
    return percentiles(std::move(times));
  }

  /// All of them, in calls of a size that suits the model.
  boost::json::object given(const std::vector<std::string>& texts) {
    constexpr std::size_t kCall = 128;
    const auto start = Clock::now();
    for (std::size_t i = 0; i < texts.size(); i += kCall)
      embed({texts.begin() + static_cast<std::ptrdiff_t>(i),
             texts.begin() + static_cast<std::ptrdiff_t>(std::min(texts.size(), i + kCall))},
            llm::EmbedPurpose::kPassage);
    return {{"texts", texts.size()},
            {"texts_per_s", static_cast<double>(texts.size()) / (milliseconds_since(start) / 1000)}};
  }

  boost::json::object passages(std::size_t calls, std::size_t texts, std::size_t least_words,
                               std::size_t most_words) {
    std::int64_t tokens = 0;
    const auto start = Clock::now();
    for (std::size_t i = 0; i < calls; ++i) {
      std::vector<std::string> batch;
      for (std::size_t j = 0; j < texts; ++j)
        batch.push_back(text_of(random_, least_words + random_() % (most_words - least_words + 1)));
      tokens += embed(std::move(batch), llm::EmbedPurpose::kPassage).usage.input_tokens;
    }
    const double seconds = milliseconds_since(start) / 1000;
    return {{"texts_per_s", static_cast<double>(calls * texts) / seconds},
            {"tokens_per_s", static_cast<double>(tokens) / seconds}};
  }

 private:
  std::unique_ptr<providers::LocalEmbedder> embedder_;
  base::RequestContext context_ = base::background_context(base::TenantId("default"));
  std::mt19937 random_{7};
};

boost::json::object measure(const providers::LocalEmbedderSettings& settings) {
  boost::json::object out{{"model", settings.model}, {"threads", settings.threads}};
  Bench bench(settings);
  out["resident_kib_before"] = resident_kib("VmRSS:");
  const auto start = Clock::now();
  out["variant"] = bench.load();
  bench.embed({"first"}, llm::EmbedPurpose::kQuery);
  out["first_vector_ms"] = milliseconds_since(start);
  out["query_10_words"] = bench.queries(500, 10, 10);
  out["query_4_to_30_words"] = bench.queries(500, 4, 30);
  out["resident_kib_queries"] = resident_kib("VmRSS:");
  bench.passages(1, 64, 118, 118);
  out["passages_118_words"] = bench.passages(8, 64, 118, 118);
  out["passages_20_to_240_words"] = bench.passages(8, 64, 20, 240);
  out["resident_kib_passages"] = resident_kib("VmRSS:");
  {
    const std::jthread ingest([&bench](std::stop_token stop) {
      std::mt19937 random(1);
      while (!stop.stop_requested())
        bench.embed(std::vector<std::string>(64, text_of(random, 118)), llm::EmbedPurpose::kPassage);
    });
    out["query_10_words_while_ingesting"] = bench.queries(300, 10, 10);
  }
  out["resident_kib_peak"] = resident_kib("VmHWM:");
  return out;
}

boost::json::object measure_given(const providers::LocalEmbedderSettings& settings, const std::string& file) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error("cannot read " + file);
  std::vector<std::string> texts;
  for (std::string line; std::getline(in, line);)
    texts.emplace_back(boost::json::value_to<std::string>(boost::json::parse(line)));
  Bench bench(settings);
  bench.load();
  bench.given(
      {texts.begin(), texts.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(texts.size(), 128))});
  return bench.given(texts);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    providers::LocalEmbedderSettings settings;
    if (argc > 1) settings.model = argv[1];
    if (argc > 2) settings.variant = argv[2];
    settings.threads = argc > 3 ? std::stoll(argv[3]) : std::thread::hardware_concurrency();
    std::cout << boost::json::serialize(argc > 4 ? measure_given(settings, argv[4]) : measure(settings))
              << '\n';
    return 0;
  } catch (const std::exception& e) {
    std::cerr << "embed_bench: " << e.what() << '\n';
    return 1;
  }
}
