#include "stores/vector/embedded/embedded_vector_index.h"

#include <pthread.h>

namespace caprock::stores {
namespace {

using base::failure;
using base::Result;

// Chunks are numbered from 0 without gaps; a number beyond is a defect that would cost memory.
constexpr std::uint32_t kMaxChunkIndex = 10'000'000;

base::Error wrong_dimension(std::size_t got, std::size_t want) {
  return base::invalid_argument("vector", "the vector has " + std::to_string(got) +
                                              " dimensions, the index has " + std::to_string(want));
}

Result<void> check_records(const std::vector<VectorRecord>& records, std::size_t dimension) {
  for (const VectorRecord& record : records) {
    if (record.vector.empty() || record.vector.size() != dimension)
      return failure(wrong_dimension(record.vector.size(), dimension));
    if (record.key.index > kMaxChunkIndex)
      return failure(base::invalid_argument("index", "chunk index is too large"));
  }
  return {};
}

Result<void> check_query(const VectorQuery& query, std::uint32_t max_k) {
  if (query.k >= 1 && query.k <= max_k) return {};
  return failure(base::invalid_argument(
      "top_k",
      "top_k is " + std::to_string(query.k) + "; the vector index takes 1 to " + std::to_string(max_k)));
}

}  // namespace

base::SettingsSection VectorSettings::describe() {
  return {.name = "vectors",
          .help = "The embedded vector index.",
          .settings = {
              {.key = "exact_below",
               .target = &exact_below,
               .help = "Vectors of a collection up to which a search looks at every one.",
               .min = 0,
               .max = 1e9},
              {.key = "effort",
               .target = &effort,
               .help = "Candidates a search of the graph looks at.",
               .min = 16,
               .max = 10'000},
              {.key = "patience",
               .target = &patience,
               .help = "How long the first question after a start waits for the vectors of its collection to "
                       "be read; "
                       "after that words alone answer until they are there.",
               .min = 0,
               .max = 600'000},
          }};
}

EmbeddedVectorIndex::EmbeddedVectorIndex(Database& db, base::BlockingPool& pool, std::filesystem::path folder,
                                         VectorSettings settings)
    : db_(db), pool_(pool), folder_(std::move(folder)), settings_(std::move(settings)) {
  std::error_code unwritable;  // then graphs are not kept: save_graph() says so
  std::filesystem::create_directories(folder_, unwritable);
  maintenance_ = std::thread([this] { maintain_until_stopped(); });
}

EmbeddedVectorIndex::~EmbeddedVectorIndex() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  loaded_.notify_all();
  maintenance_.join();
  for (const auto& [key, space] : spaces_) space->save_graph(true);
}

base::Awaitable<Result<void>> EmbeddedVectorIndex::put(const base::RequestContext& context,
                                                       CollectionKey collection, std::string fingerprint,
                                                       std::vector<VectorRecord> records) {
  if (records.empty()) co_return Result<void>();
  const SpaceKey key{std::move(collection), std::move(fingerprint)};
  CAPROCK_CO_CHECK(check_records(records, records.front().vector.size()));
  auto work = [&](Connection& db) -> Result<void> {
    const std::size_t dimension = records.front().vector.size();
    CAPROCK_TRY(const SpaceRow row, find_or_make_space(db, key, dimension));
    if (row.dimension != dimension) return failure(wrong_dimension(dimension, row.dimension));
    CAPROCK_TRY(auto sequences, put_vectors(db, row.number, records));
    db.after_commit([this, &key, &records, number = row.number, sequences = std::move(sequences)] {
      const Space space = known_space(key);
      if (space == nullptr || space->number() != number) return;
      space->added(records, sequences);
      wake();
    });
    return {};
  };
  co_return co_await db_.write(context, std::move(work));
}

base::Awaitable<Result<void>> EmbeddedVectorIndex::remove(const base::RequestContext& context,
                                                          CollectionKey collection, DocumentId document,
                                                          std::uint32_t version) {
  auto work = [&](Connection& db) -> Result<void> {
    CAPROCK_TRY(auto emptied, remove_vectors(db, collection, document, version));
    db.after_commit([this, &collection, &document, version, emptied = std::move(emptied)] {
      for (const Space& space : spaces_of(collection)) space->removed(document, version);
      if (!emptied.empty()) forget(emptied);
      wake();
    });
    return {};
  };
  co_return co_await db_.write(context, std::move(work));
}

base::Awaitable<Result<std::vector<IndexHit>>> EmbeddedVectorIndex::search(
    const base::RequestContext& context, CollectionKey collection, std::string fingerprint,
    VectorQuery query) {
  CAPROCK_CO_CHECK(check_query(query, capabilities().max_k));
  const SpaceKey key{std::move(collection), std::move(fingerprint)};
  auto work = [&]() -> Result<std::vector<IndexHit>> {
    CAPROCK_TRY(const Space space, loaded_space(key));
    if (space == nullptr) return std::vector<IndexHit>();
    if (space->dimension() != query.vector.size())
      return failure(wrong_dimension(query.vector.size(), space->dimension()));
    return space->search(query);
  };
  co_return co_await pool_.run(context, std::move(work));
}

base::Awaitable<Result<std::vector<float>>> EmbeddedVectorIndex::fetch(const base::RequestContext& context,
                                                                       CollectionKey collection,
                                                                       std::string fingerprint,
                                                                       std::vector<float> vector,
                                                                       std::vector<ChunkKey> keys) {
  const SpaceKey key{std::move(collection), std::move(fingerprint)};
  auto work = [&]() -> Result<std::vector<float>> {
    CAPROCK_TRY(const Space space, loaded_space(key));
    if (space == nullptr) return std::vector<float>(keys.size(), std::numeric_limits<float>::quiet_NaN());
    if (space->dimension() != vector.size())
      return failure(wrong_dimension(vector.size(), space->dimension()));
    return space->fetch(vector, keys);
  };
  co_return co_await pool_.run(context, std::move(work));
}

EmbeddedVectorIndex::Space EmbeddedVectorIndex::known_space(const SpaceKey& key) {
  const std::lock_guard lock(mutex_);
  const auto found = spaces_.find(key);
  return found == spaces_.end() ? nullptr : found->second;
}

// Null: nothing was ever put. A space is registered before its rows are read, so that no commit falls in
// between.
Result<EmbeddedVectorIndex::Space> EmbeddedVectorIndex::registered_space(const SpaceKey& key) {
  if (Space space = known_space(key)) return space;
  auto find = [&](Connection& db) { return find_space(db, key); };
  CAPROCK_TRY(const auto row, db_.read_blocking(find));
  if (!row) return Space();
  const std::lock_guard lock(mutex_);
  auto [entry, made] = spaces_.try_emplace(key);
  if (made) entry->second = std::make_shared<VectorSpace>(*row, settings_, graph_file(row->number));
  return entry->second;
}

Result<EmbeddedVectorIndex::Space> EmbeddedVectorIndex::loaded_space(const SpaceKey& key) {
  CAPROCK_TRY(Space space, registered_space(key));
  if (space == nullptr) return space;
  CAPROCK_TRY(const bool first, space->load(db_));
  if (first) wake();
  return space;
}

base::Awaitable<Result<bool>> EmbeddedVectorIndex::ready(const base::RequestContext& context,
                                                         CollectionKey collection, std::string fingerprint) {
  const SpaceKey key{std::move(collection), std::move(fingerprint)};
  const Space space = known_space(key);
  if (space != nullptr && space->is_loaded()) co_return true;
  auto work = [&] { return wait_until_loaded(key); };
  co_return co_await pool_.run(context, std::move(work));
}

Result<bool> EmbeddedVectorIndex::wait_until_loaded(const SpaceKey& key) {
  CAPROCK_TRY(const Space space, registered_space(key));
  if (space == nullptr || space->is_loaded()) return true;
  std::unique_lock lock(mutex_);
  const auto [entry, made] = wanted_.try_emplace(key, std::chrono::steady_clock::now());
  if (made) {
    unreadable_.erase(key);
    work_ = true;
    changed_.notify_one();
  }
  // Counted from when it began: those who ask later do not wait as long again.
  const auto until = entry->second + settings_.patience;
  const bool read = loaded_.wait_until(lock, until, [&] { return stopping_ || !wanted_.contains(key); });
  if (const auto failed = unreadable_.find(key); failed != unreadable_.end()) return failure(failed->second);
  return read && !stopping_;
}

void EmbeddedVectorIndex::load_wanted() {
  std::vector<SpaceKey> keys;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, since] : wanted_) keys.push_back(key);
  }
  for (const SpaceKey& key : keys) {
    auto loaded = loaded_space(key);
    const std::lock_guard lock(mutex_);
    if (!loaded) unreadable_.insert_or_assign(key, std::move(loaded).error());
    wanted_.erase(key);
    loaded_.notify_all();
  }
}

std::vector<EmbeddedVectorIndex::Space> EmbeddedVectorIndex::spaces_of(const CollectionKey& collection) {
  std::vector<Space> found;
  for (const auto& [key, space] : all_spaces())
    if (key.collection == collection) found.push_back(space);
  return found;
}

std::vector<std::pair<SpaceKey, EmbeddedVectorIndex::Space>> EmbeddedVectorIndex::all_spaces() {
  const std::lock_guard lock(mutex_);
  return {spaces_.begin(), spaces_.end()};
}

std::filesystem::path EmbeddedVectorIndex::graph_file(std::int64_t space) const {
  return folder_ / (std::to_string(space) + ".hnsw");
}

void EmbeddedVectorIndex::forget(const std::vector<std::int64_t>& numbers) {
  for (const std::int64_t number : numbers) {
    {
      const std::lock_guard lock(mutex_);
      std::erase_if(spaces_, [&](const auto& entry) { return entry.second->number() == number; });
    }
    std::error_code ignored;  // a number is never used again
    std::filesystem::remove(graph_file(number), ignored);
  }
}

Result<void> EmbeddedVectorIndex::warm_up() {
  CAPROCK_TRY(const auto keys, db_.read_blocking([](Connection& db) { return list_spaces(db); }));
  for (const SpaceKey& key : keys) CAPROCK_CHECK(loaded_space(key));
  return {};
}

void EmbeddedVectorIndex::wake() {
  {
    const std::lock_guard lock(mutex_);
    work_ = true;
  }
  changed_.notify_one();
}

void EmbeddedVectorIndex::wait_until_linked() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [&] { return !work_ && !busy_; });
}

void EmbeddedVectorIndex::maintain_until_stopped() {
  ::pthread_setname_np(::pthread_self(), "vector-graph");
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stopping_ || work_; });
    if (stopping_) return;
    work_ = false;
    busy_ = true;
    lock.unlock();
    load_wanted();
    const bool more = maintain_all();
    lock.lock();
    busy_ = false;
    work_ = work_ || more;
    if (!work_) idle_.notify_all();
  }
}

bool EmbeddedVectorIndex::maintain_all() {
  bool more = false;
  for (const auto& [key, space] : all_spaces()) {
    const bool linking = space->maintain();
    more = more || linking;
    if (!linking) space->save_graph(false);
    if (!space->is_sparse()) continue;
    // Searches that run keep it alive; the next one reads what is left.
    const std::lock_guard lock(mutex_);
    if (const auto entry = spaces_.find(key); entry != spaces_.end() && entry->second == space)
      spaces_.erase(entry);
  }
  return more;
}

}  // namespace caprock::stores
