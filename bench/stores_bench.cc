// The stores' share of ingest and of a query: what is measured is the durable path, with the fsyncs of this
// disk.
#include <benchmark/benchmark.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cmath>
#include <filesystem>
#include <random>

#include "stores/blob/fs/fs_blob_store.h"
#include "stores/sqlite/chunk_store.h"
#include "stores/sqlite/document_store.h"
#include "stores/sqlite/tables.h"
#include "stores/testing/run.h"
#include "stores/testing/temporary_folder.h"
#include "stores/vector/embedded/embedded_vector_index.h"

namespace caprock::stores {
namespace {

using base::Awaitable;
using base::Result;

struct Stores {
  testing::TemporaryFolder folder;
  std::unique_ptr<Database> db =
      std::move(Database::open(folder.file("caprock.db"), {record_tables(), vector_tables()}).value());
  base::BlockingPool pool{{.name = "bench", .threads = 2, .queue = 4096}};
  std::unique_ptr<FsBlobStore> blobs = std::move(FsBlobStore::open(folder.file("blobs"), *db, pool).value());
  SqliteDocumentStore documents{*db};
  SqliteChunkStore chunks{*db};
  EmbeddedVectorIndex vectors{*db, pool, folder.path() / "vectors"};
  base::RequestContext context;
  CollectionKey collection{base::TenantId("default"), "default"};
};

void expect(bool ok) {
  if (!ok) std::abort();
}

NewDocument new_document(const Stores& stores, int n) {
  return {.collection = stores.collection,
          .source = "file-" + std::to_string(n),
          .title = "Title of document " + std::to_string(n),
          .content_type = "text/plain",
          .metadata = {{"year", 2000.0 + n % 20}},
          .content_sha256 = std::string(64, 'a'),
          .original_key = "default/originals/" + std::to_string(n),
          .size_bytes = 800};
}

Awaitable<void> accept_one(Stores& stores, int n) {
  const std::string key = "default/originals/" + std::to_string(n);
  expect((co_await stores.blobs->put(stores.context, key, std::string(800, 'x'))).has_value());
  expect(
      (co_await stores.documents.accept(stores.context, new_document(stores, n), std::nullopt)).has_value());
}

Awaitable<void> publish_one(Stores& stores, IngestJob job) {
  const std::string key = "default/texts/" + job.document.id.str();
  expect((co_await stores.blobs->put(stores.context, key, std::string(800, 'x'))).has_value());
  Chunk chunk{
      .span = {0, 800}, .token_count = 150, .content = std::string(800, 'x'), .context = job.document.title};
  std::vector<ChunkRecord> records{{{job.document.id, job.version, 0}, chunk}};
  expect((co_await stores.chunks.put(stores.context, stores.collection, std::move(records))).has_value());
  expect((co_await stores.documents.publish(stores.context, job, 1, 150, job.document.title)).has_value());
}

Awaitable<void> feed(Stores& stores, int& next, int count) {
  while (next < count) {
    const int n = next++;
    co_await accept_one(stores, n);
  }
}

Awaitable<void> work(Stores& stores) {
  while (true) {
    auto jobs = co_await stores.documents.claim(stores.context, 8, std::chrono::seconds(60));
    expect(jobs.has_value());
    if (jobs->empty()) co_return;
    for (IngestJob& job : *jobs) co_await publish_one(stores, std::move(job));
  }
}

// Blob, accept, claim, text, chunk, publish of short documents: everything of ingest that is durable but the
// indexes.
void BM_IngestShortDocuments(benchmark::State& state) {
  const int count = static_cast<int>(state.range(0));
  for (auto _ : state) {
    Stores stores;
    boost::asio::io_context loop;
    int next = 0;
    for (int i = 0; i < 64; ++i)
      boost::asio::co_spawn(loop, feed(stores, next, count), [](std::exception_ptr) {});
    loop.run();
    loop.restart();
    for (int i = 0; i < 64; ++i) boost::asio::co_spawn(loop, work(stores), [](std::exception_ptr) {});
    loop.run();
  }
  state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(BM_IngestShortDocuments)
    ->Arg(20'000)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

void BM_AcceptOneAfterTheOther(benchmark::State& state) {
  Stores stores;
  int n = 0;
  for (auto _ : state)
    expect(testing::run(stores.documents.accept(stores.context, new_document(stores, n++), std::nullopt))
               .has_value());
}
BENCHMARK(BM_AcceptOneAfterTheOther)->Unit(benchmark::kMicrosecond)->MeasureProcessCPUTime()->UseRealTime();

Awaitable<void> visible_forever(Stores& stores, const std::vector<DocumentId>& ids, benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(co_await stores.documents.visible(stores.context, stores.collection, ids));
}

void BM_Visible200(benchmark::State& state) {
  Stores stores;
  std::vector<DocumentId> ids;
  boost::asio::io_context loop;
  int next = 0;
  for (int i = 0; i < 64; ++i)
    boost::asio::co_spawn(loop, feed(stores, next, 200), [](std::exception_ptr) {});
  boost::asio::co_spawn(loop, work(stores), [](std::exception_ptr) {});
  loop.run();
  loop.restart();
  boost::asio::co_spawn(loop, work(stores), [](std::exception_ptr) {});
  loop.run();
  for (const Document& d :
       testing::run(stores.documents.list(stores.context, {}, {.limit = 200})).value().items)
    ids.push_back(d.id);
  loop.restart();
  boost::asio::co_spawn(loop, visible_forever(stores, ids, state), [](std::exception_ptr) {});
  loop.run();
}
BENCHMARK(BM_Visible200)->Unit(benchmark::kMicrosecond)->MeasureProcessCPUTime()->UseRealTime();

std::size_t resident_bytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  unsigned long total = 0;
  unsigned long resident = 0;
  expect(file != nullptr && std::fscanf(file, "%lu %lu", &total, &resident) == 2);
  std::fclose(file);
  return resident * 4096;
}

// A mixture of 2,000 normal clusters on the unit sphere, as sentence embeddings lie.
class Cloud {
 public:
  Cloud() {
    for (auto& centre : centres_) centre = normal_vector(1.0F);
  }
  std::vector<float> next() {
    std::vector<float> v = normal_vector(0.6F);
    const auto& centre = centres_[random_() % centres_.size()];
    float norm = 0;
    for (std::size_t i = 0; i < v.size(); ++i) {
      v[i] += centre[i];
      norm += v[i] * v[i];
    }
    for (float& x : v) x /= std::sqrt(norm);
    return v;
  }

 private:
  std::vector<float> normal_vector(float scale) {
    std::vector<float> v(384);
    for (float& x : v) x = scale * normal_(random_);
    return v;
  }
  std::mt19937 random_{5};
  std::normal_distribution<float> normal_;
  std::vector<std::vector<float>> centres_ = std::vector<std::vector<float>>(2000);
};

void put_vectors(Stores& stores, Cloud& cloud, int count) {
  for (int done = 0; done < count;) {
    std::vector<VectorRecord> records;
    for (; records.size() < 500 && done < count; ++done) {
      auto metadata = std::make_shared<const Metadata>(Metadata{{"bucket", static_cast<double>(done % 100)}});
      records.push_back({{DocumentId("document-" + std::to_string(done)), 1, 0}, cloud.next(), metadata});
    }
    expect(testing::run(stores.vectors.put(stores.context, stores.collection, "m", std::move(records)))
               .has_value());
  }
}

// Search of range(0) vectors with 384 dimensions; the counters tell what the first search after a start
// takes, what memory a vector takes, and how long the graph takes to build.
void BM_VectorSearch(benchmark::State& state) {
  Stores stores;
  Cloud cloud;
  put_vectors(stores, cloud, static_cast<int>(state.range(0)));
  const auto search = [&](std::shared_ptr<const Filter> filter) {
    VectorQuery query{.vector = cloud.next(), .k = 100, .filter = std::move(filter)};
    return testing::run(stores.vectors.search(stores.context, stores.collection, "m", std::move(query)))
        .value();
  };
  std::shared_ptr<const Filter> filter;
  if (state.range(1) != 0) {
    filter = std::make_shared<const Filter>(Filter{.op = Filter::Op::kLt,
                                                   .children = {},
                                                   .field = "bucket",
                                                   .values = {static_cast<double>(state.range(1))}});
  }
  const std::size_t before = resident_bytes();
  const auto start = std::chrono::steady_clock::now();
  search(nullptr);
  const auto loaded = std::chrono::steady_clock::now();
  stores.vectors.wait_until_linked();
  const auto linked = std::chrono::steady_clock::now();
  const std::size_t after = resident_bytes();
  for (auto _ : state) benchmark::DoNotOptimize(search(filter));
  const auto seconds = [](auto span) { return std::chrono::duration<double>(span).count(); };
  state.counters["first_search_s"] = seconds(loaded - start);
  state.counters["graph_build_s"] = seconds(linked - loaded);
  state.counters["bytes_per_vector"] =
      static_cast<double>(after - before) / static_cast<double>(state.range(0));
}
BENCHMARK(BM_VectorSearch)
    ->Args({5'000, 0})
    ->Args({20'000, 0})
    ->Args({50'000, 0})
    ->Args({100'000, 0})
    ->Args({100'000, 1})
    ->Args({100'000, 50})
    ->Iterations(200)
    ->Unit(benchmark::kMicrosecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

}  // namespace
}  // namespace caprock::stores
