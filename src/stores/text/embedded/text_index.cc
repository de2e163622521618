#include "stores/text/embedded/text_index.h"

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <system_error>

#include "base/all_of.h"
#include "base/log.h"
#include "stores/text/embedded/maintenance.h"
#include "stores/text/embedded/search.h"

namespace caprock::stores {

using text::Collection;

SchemaPart text_index_tables() { return {"text_index", {text::kTextTables}}; }

struct EmbeddedTextIndex::State {
  State(Database& db, base::BlockingPool& workers, std::filesystem::path where, Settings settings)
      : database(db),
        pool(workers),
        folder(where),
        division{settings.threads, settings.divide_from},
        maintenance(db, std::move(where), settings, sequence) {}

  base::Result<std::shared_ptr<Collection>> find(const CollectionKey& key, bool make);
  base::Result<std::shared_ptr<Collection>> load(std::int64_t id);
  base::Result<void> load_log(Connection& db, Collection& collection);
  base::Result<void> remove_unknown_files();

  Database& database;
  base::BlockingPool& pool;
  const std::filesystem::path folder;
  const text::Search::Division division;
  std::atomic<std::uint64_t> sequence{
      0};  ///< of log rows, tombstones and segments: one counter, never reused
  std::mutex mutex;
  std::mutex loading;
  std::map<CollectionKey, std::shared_ptr<Collection>> collections;
  text::Maintenance maintenance;  ///< last: its thread uses the others
};

base::Result<void> EmbeddedTextIndex::State::load_log(Connection& db, Collection& collection) {
  CAPROCK_CHECK(text::read_log(
      db, collection.id(), [&](std::uint64_t row, std::string_view bytes) -> base::Result<void> {
        const auto document = text::decode_document(bytes);
        if (!document)
          return base::failure(base::internal_error("text log: row " + std::to_string(row) + " is damaged"));
        collection.add(*document, row);
        return {};
      }));
  CAPROCK_TRY(const auto tombstones, text::tombstones_of(db, collection.id()));
  for (const auto& tombstone : tombstones) collection.kill(tombstone);
  return {};
}

base::Result<std::shared_ptr<Collection>> EmbeddedTextIndex::State::load(std::int64_t id) {
  auto collection = std::make_shared<Collection>(id);
  CAPROCK_CHECK(database.read_blocking([&](Connection& db) -> base::Result<void> {
    CAPROCK_TRY(const auto segments, text::segments_of(db, id));
    for (const auto& row : segments) {
      CAPROCK_TRY(auto file, text::SegmentFile::open(text::segment_path(folder, row.id)));
      collection->add_segment(std::make_shared<text::LiveSegment>(row, std::move(file)));
    }
    return load_log(db, *collection);
  }));
  return collection;
}

/// Null when the collection is unknown and not to be made. Blocks at its first use.
base::Result<std::shared_ptr<Collection>> EmbeddedTextIndex::State::find(const CollectionKey& key,
                                                                         bool make) {
  const auto known = [&]() -> std::shared_ptr<Collection> {
    const std::lock_guard lock(mutex);
    const auto found = collections.find(key);
    return found == collections.end() ? nullptr : found->second;
  };
  if (auto found = known()) return found;
  const std::lock_guard one_at_a_time(loading);
  if (auto found = known()) return found;
  CAPROCK_TRY(auto id,
              database.read_blocking([&](Connection& db) { return text::find_collection(db, key); }));
  if (!id && !make) return std::shared_ptr<Collection>();
  if (!id) {
    CAPROCK_TRY(id, database.write_blocking([&](Connection& db) { return text::make_collection(db, key); }));
  }
  CAPROCK_TRY(auto loaded, load(*id));
  const std::lock_guard lock(mutex);
  return collections.emplace(key, std::move(loaded)).first->second;
}

base::Result<void> EmbeddedTextIndex::State::remove_unknown_files() {
  CAPROCK_TRY(const auto ids, database.read_blocking([](Connection& db) { return text::all_segments(db); }));
  std::set<std::filesystem::path> known;
  for (const std::uint64_t id : ids) known.insert(text::segment_path(folder, id));
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    if (!known.contains(entry.path())) std::filesystem::remove(entry.path(), error);
  return {};
}

EmbeddedTextIndex::EmbeddedTextIndex(std::unique_ptr<State> state) : state_(std::move(state)) {}
EmbeddedTextIndex::~EmbeddedTextIndex() = default;

base::Result<std::unique_ptr<EmbeddedTextIndex>> EmbeddedTextIndex::open(Database& database,
                                                                         base::BlockingPool& pool,
                                                                         std::filesystem::path folder,
                                                                         Settings settings) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return base::failure(
        base::Error(base::ErrorKind::kUnavailable, "the folder of the text index cannot be made")
            .with_detail(folder.string() + ": " + error.message()));
  auto state = std::make_unique<State>(database, pool, std::move(folder), settings);
  CAPROCK_TRY(state->sequence,
              database.read_blocking([](Connection& db) { return text::last_sequence(db); }));
  CAPROCK_CHECK(state->remove_unknown_files());
  return std::unique_ptr<EmbeddedTextIndex>(new EmbeddedTextIndex(std::move(state)));
}

IndexCapabilities EmbeddedTextIndex::capabilities() const {
  return {.max_k = 10'000, .filters = true, .document_scores = true, .fetch = false};
}

namespace {

struct Prepared {
  text::AnalyzedDocument document;
  std::string bytes;
};

/// Records of one version follow each other.
std::vector<Prepared> prepare(std::span<const TextRecord> records) {
  std::vector<Prepared> all;
  while (!records.empty()) {
    std::size_t count = 1;
    const ChunkKey& first = records.front().key;
    while (count < records.size() && records[count].key.document == first.document &&
           records[count].key.version == first.version)
      ++count;
    Prepared prepared{.document = text::analyze_document(records.first(count)), .bytes = {}};
    prepared.bytes = encode(prepared.document);
    all.push_back(std::move(prepared));
    records = records.subspan(count);
  }
  return all;
}

/// Within a write job: the log row, and the end of what the version had before.
base::Result<void> write_document(Connection& db, const std::shared_ptr<Collection>& collection,
                                  Prepared& prepared, std::uint64_t sequence) {
  const text::TombstoneRow before{prepared.document.document, prepared.document.version, sequence};
  const auto replaced = collection->find(before.document, before.version);
  if (replaced) {
    CAPROCK_CHECK(text::put_tombstone(db, collection->id(), before));
    if (*replaced != 0)
      CAPROCK_CHECK(
          text::replace_by_segment(db, collection->id(), std::nullopt, std::span(&*replaced, 1), {}));
  }
  CAPROCK_CHECK(text::append_log(db, collection->id(), sequence, prepared.bytes));
  db.after_commit([collection, before, replaced = replaced.has_value(),
                   document = std::make_shared<text::AnalyzedDocument>(std::move(prepared.document))] {
    if (replaced) collection->kill(before);
    collection->add(*document, before.sequence);
  });
  return {};
}

}  // namespace

base::Awaitable<base::Result<void>> EmbeddedTextIndex::put(const base::RequestContext& context,
                                                           CollectionKey key,
                                                           std::vector<TextRecord> records) {
  if (records.empty()) co_return base::Result<void>();
  std::shared_ptr<Collection> collection;
  std::vector<Prepared> documents;
  auto analyse = [&]() -> base::Result<void> {
    CAPROCK_TRY(collection, state_->find(key, true));
    documents = prepare(records);
    return {};
  };
  CAPROCK_CO_CHECK(co_await state_->pool.run(context, analyse));
  auto job = [&](Connection& db) -> base::Result<void> {
    for (Prepared& prepared : documents)
      CAPROCK_CHECK(write_document(db, collection, prepared, ++state_->sequence));
    return {};
  };
  CAPROCK_CO_CHECK(co_await state_->database.write(context, job));
  if (state_->maintenance.due(*collection)) state_->maintenance.wake(collection);
  co_return base::Result<void>();
}

namespace {

/// A search that several threads share. Whoever is the last to score puts the hits together.
struct SharedSearch {
  text::Search& search;
  std::atomic<std::size_t> left;
  std::vector<IndexHit> hits;
};

/// The references outlive it.
base::Awaitable<base::Result<void>> score_part(base::BlockingPool& pool, const base::RequestContext& context,
                                               SharedSearch& shared, std::size_t part) {
  co_return co_await pool.run(context, [&shared, part]() -> base::Result<void> {
    shared.search.score(part);
    if (shared.left.fetch_sub(1, std::memory_order_acq_rel) == 1) shared.hits = shared.search.hits();
    return {};
  });
}

}  // namespace

base::Awaitable<base::Result<std::vector<IndexHit>>> EmbeddedTextIndex::search(
    const base::RequestContext& context, CollectionKey key, TextQuery query) {
  if (query.k == 0 || query.k > capabilities().max_k)
    co_return base::failure(
        base::invalid_argument("top_k", "must be 1 to 10,000 for the embedded text index"));
  std::shared_ptr<Collection> collection;
  std::optional<text::Search> search;
  std::vector<IndexHit> hits;
  auto begin = [&]() -> base::Result<void> {
    CAPROCK_TRY(collection, state_->find(key, false));
    if (!collection) return {};
    search.emplace(*collection, query, state_->division);
    if (search->parts() > 1) return {};
    search->score(0);
    hits = search->hits();
    return {};
  };
  CAPROCK_CO_CHECK(co_await state_->pool.run(context, begin));
  if (!search || search->parts() == 1) co_return hits;
  SharedSearch shared{.search = *search, .left = search->parts(), .hits = {}};
  std::vector<base::Awaitable<base::Result<void>>> parts;
  parts.reserve(search->parts());
  for (std::size_t i = 0; i < search->parts(); ++i)
    parts.push_back(score_part(state_->pool, context, shared, i));
  CAPROCK_CO_CHECK(co_await base::all_of(std::move(parts)));
  co_return std::move(shared.hits);
}

base::Awaitable<base::Result<void>> EmbeddedTextIndex::remove(const base::RequestContext& context,
                                                              CollectionKey key, DocumentId document,
                                                              std::uint32_t version) {
  std::shared_ptr<Collection> collection;
  auto load = [&]() -> base::Result<void> {
    CAPROCK_TRY(collection, state_->find(key, false));
    return {};
  };
  CAPROCK_CO_CHECK(co_await state_->pool.run(context, load));
  if (!collection) co_return base::Result<void>();
  auto job = [&](Connection& db) -> base::Result<void> {
    const auto row = collection->find(document.str(), version);
    if (!row) return {};
    const text::TombstoneRow tombstone{document.str(), version, ++state_->sequence};
    CAPROCK_CHECK(text::put_tombstone(db, collection->id(), tombstone));
    // What is not in a segment yet leaves the file at once.
    if (*row != 0)
      CAPROCK_CHECK(text::replace_by_segment(db, collection->id(), std::nullopt, std::span(&*row, 1), {}));
    db.after_commit([collection = collection, tombstone] { collection->kill(tombstone); });
    return {};
  };
  CAPROCK_CO_CHECK(co_await state_->database.write(context, job));
  state_->maintenance.wake(collection);
  co_return base::Result<void>();
}

base::Result<void> EmbeddedTextIndex::compact() {
  CAPROCK_TRY(const auto keys,
              state_->database.read_blocking([](Connection& db) { return text::all_collections(db); }));
  for (const CollectionKey& key : keys) {
    CAPROCK_TRY(const auto collection, state_->find(key, false));
    if (collection) CAPROCK_CHECK(state_->maintenance.tidy(*collection, true));
  }
  return {};
}

}  // namespace caprock::stores
