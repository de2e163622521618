// scale_fill FOLDER CORPUS PASSAGES: a data folder of so many passages, taken in by the program's own
// pipeline. The texts are those of CORPUS (JSON lines with title and text), again and again with words
// changed; the vectors are made up: a direction for each document with noise for each passage, under the name
// of the model that will embed questions.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>
#include <fstream>
#include <iostream>
#include <random>
#include <stdexcept>

#include "app/root/document_services.h"
#include "base/all_of.h"
#include "base/metrics.h"

namespace {

using namespace caprock;

constexpr std::size_t kWindow = 1000;  ///< documents handed in side by side

template <class T>
T take(base::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message + " " + result.error().detail);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// Unit vectors without a model: the first words decide the direction, the whole text the noise.
class MadeUpEmbedder final : public llm::Embedder {
 public:
  explicit MadeUpEmbedder(llm::EmbedderInfo info) : info_(std::move(info)) {}
  llm::EmbedderInfo info() const override { return info_; }
  base::Awaitable<base::Result<llm::Embeddings>> embed(const base::RequestContext&,
                                                       std::vector<std::string> texts,
                                                       llm::EmbedPurpose) override {
    llm::Embeddings out{.dimension = info_.dimension, .values = {}, .usage = {}};
    for (const std::string& text : texts) append(text, out.values);
    co_return out;
  }

 private:
  void append(const std::string& text, std::vector<float>& to) const {
    std::minstd_rand direction(
        static_cast<unsigned>(std::hash<std::string_view>{}(std::string_view(text).substr(0, 40))));
    std::minstd_rand noise(static_cast<unsigned>(std::hash<std::string>{}(text)));
    std::uniform_real_distribution<float> uniform(-1, 1);
    std::vector<float> vector(info_.dimension);
    float length = 0;
    for (float& number : vector) {
      number = uniform(direction) + 0.7F * uniform(noise);
      length += number * number;
    }
    for (const float number : vector) to.push_back(number / std::sqrt(length));
  }
  llm::EmbedderInfo info_;
};

struct Source {
  std::string title;
  std::string text;
};

std::vector<Source> read_corpus(const std::string& path) {
  std::ifstream in(path);
  if (!in) throw std::runtime_error("cannot read " + path);
  std::vector<Source> sources;
  for (std::string line; std::getline(in, line);) {
    const auto record = boost::json::parse(line).as_object();
    sources.push_back(
        {std::string(record.at("title").as_string()), std::string(record.at("text").as_string())});
  }
  return sources;
}

/// The `copy`-th reading of a text: one word in twelve becomes one of that copy's own.
std::string varied(const std::string& text, std::size_t copy) {
  if (copy == 0) return text;
  std::minstd_rand random(static_cast<unsigned>(copy));
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    out.append(text, at, end - at);
    if (random() % 12 == 0) out += static_cast<char>('a' + copy % 26) + std::to_string(copy / 26);
    if (end < text.size()) out += ' ';
    at = end + 1;
  }
  return out;
}

base::Awaitable<base::Result<void>> hand_in(rag::Ingester& ingester, rag::Submission submission,
                                            std::vector<stores::DocumentId>* ids) {
  const auto context = base::background_context(base::TenantId("default"));
  CAPROCK_CO_TRY(auto accepted, co_await ingester.submit(context, std::move(submission)));
  ids->push_back(accepted.document.id);
  co_return base::Result<void>();
}

base::Awaitable<void> fill(rag::Ingester& ingester, const std::vector<Source>& corpus, std::size_t wanted) {
  const auto context = base::background_context(base::TenantId("default"));
  std::size_t passages = 0;
  for (std::size_t n = 0; passages < wanted;) {
    std::vector<stores::DocumentId> ids;
    std::vector<base::Awaitable<base::Result<void>>> window;
    for (const std::size_t end = n + kWindow; n < end; ++n) {
      const Source& source = corpus[n % corpus.size()];
      window.push_back(hand_in(ingester,
                               {.bytes = varied(source.text, n / corpus.size()),
                                .source = "record-" + std::to_string(n),
                                .title = source.title,
                                .content_type = "text/plain"},
                               &ids));
    }
    take(co_await base::all_of(std::move(window)));
    for (const stores::DocumentId& id : ids)
      passages += take(co_await ingester.wait(context, id)).chunk_count;
    std::cerr << '\r' << passages << " of " << wanted << " passages" << std::flush;
  }
  std::cerr << '\n';
  co_await ingester.stop();
}

void run(const std::string& folder, const std::string& corpus, std::size_t wanted) {
  app::ProcessSettings settings;
  base::BlockingPool pool{{.name = "fill", .threads = 2, .queue = 8192}};
  auto stores = take(app::EmbeddedStores::open(folder, settings.database, settings.vectors, pool));
  MadeUpEmbedder embedder(take(app::make_embedder(settings))->info());
  app::DocumentServices services({.stores = *stores,
                                  .embedder = &embedder,
                                  .query_pool = pool,
                                  .ingest_pool = pool,
                                  .metrics = base::null_metrics()},
                                 settings);
  const std::vector<Source> sources = read_corpus(corpus);
  boost::asio::io_context loop;
  services.ingester.start(loop.get_executor());
  boost::asio::co_spawn(loop, fill(services.ingester, sources, wanted), [](std::exception_ptr failed) {
    if (failed) std::rethrow_exception(failed);
  });
  loop.run();
  std::cerr << "linking the vectors\n";
  take(stores->settle());
  stores->vectors->wait_until_linked();
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t wanted = 0;
  if (argc != 4 ||
      std::from_chars(argv[3], argv[3] + std::char_traits<char>::length(argv[3]), wanted).ec != std::errc{}) {
    std::cerr << "scale_fill FOLDER CORPUS PASSAGES\n";
    return 2;
  }
  try {
    run(argv[1], argv[2], wanted);
    return 0;
  } catch (const std::exception& e) {
    std::cerr << "scale_fill: " << e.what() << '\n';
    return 1;
  }
}
