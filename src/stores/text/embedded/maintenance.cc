#include "stores/text/embedded/maintenance.h"

#include <algorithm>
#include <map>
#include <system_error>

#include "base/log.h"
#include "stores/text/embedded/merge.h"

namespace caprock::stores::text {
namespace {

/// A segment is written anew when so large a part of it is dead.
constexpr std::uint64_t kDeadShare = 8;

std::uint64_t dead_chunks(const LiveSegment& segment) {
  return segment.segment().chunk_stats().count - segment.chunk_stats().count;
}

void log_failure(const base::Error& error) {
  base::log(base::LogLevel::kError, "the text index could not be tidied; nothing is lost, it is tried again",
            {{"reason", error.message}, {"detail", error.detail}});
}

}  // namespace

std::filesystem::path segment_path(const std::filesystem::path& folder, std::uint64_t id) {
  return folder / (std::to_string(id) + ".seg");
}

Maintenance::Maintenance(Database& database, std::filesystem::path folder,
                         EmbeddedTextIndex::Settings settings, std::atomic<std::uint64_t>& sequence)
    : database_(database),
      folder_(std::move(folder)),
      settings_(settings),
      sequence_(sequence),
      thread_([this](const std::stop_token& stop) { loop(stop); }) {}

Maintenance::~Maintenance() {
  thread_.request_stop();
  thread_.join();
}

void Maintenance::wake(std::shared_ptr<Collection> collection) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.insert(std::move(collection));
  }
  changed_.notify_one();
}

void Maintenance::loop(const std::stop_token& stop) {
  while (true) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, stop, [&] { return !waiting_.empty(); })) return;
    const auto collection = waiting_.extract(waiting_.begin()).value();
    lock.unlock();
    if (auto tidied = tidy(*collection, false); !tidied) log_failure(tidied.error());
  }
}

bool Maintenance::due(const Collection& collection) const {
  return collection.active_chunks() >= settings_.flush_chunks;
}

base::Result<void> Maintenance::tidy(Collection& collection, bool all) {
  const std::lock_guard lock(working_);
  if (due(collection) || (all && collection.active_chunks() > 0)) CAPROCK_CHECK(flush(collection));
  while (const auto inputs = choose(collection, all)) {
    std::uint32_t level = inputs->front()->row().level;
    if (inputs->size() > 1) level = std::min(level + 1, settings_.max_level);
    CAPROCK_CHECK(merge(collection, *inputs, level));
  }
  return drop_done_tombstones(collection);
}

std::optional<Maintenance::Inputs> Maintenance::choose(const Collection& collection, bool all) const {
  const Snapshot snapshot = collection.snapshot();
  std::map<std::uint32_t, Inputs> levels;
  const auto lock = collection.read_lock();  // the writer counts what it kills
  for (const auto& segment : snapshot.segments) {
    const std::uint64_t dead = dead_chunks(*segment);
    if (dead > 0 && (all || dead * kDeadShare >= segment->segment().chunk_count())) return Inputs{segment};
    levels[segment->row().level].push_back(segment);
  }
  for (auto& [level, segments] : levels) {
    if (level >= settings_.max_level || segments.size() < settings_.fan_in) continue;
    segments.resize(settings_.fan_in);
    return segments;
  }
  return std::nullopt;
}

base::Result<std::shared_ptr<LiveSegment>> Maintenance::write_segment(const std::string& bytes,
                                                                      std::uint32_t level) {
  if (bytes.empty()) return std::shared_ptr<LiveSegment>();
  const SegmentRow row{.id = ++sequence_, .level = level};
  const auto path = segment_path(folder_, row.id);
  CAPROCK_CHECK(write_file_durably(path, bytes));
  CAPROCK_TRY(auto file, SegmentFile::open(path));
  return std::make_shared<LiveSegment>(row, std::move(file));
}

base::Result<void> Maintenance::flush(Collection& collection) {
  // A table that an earlier attempt froze and could not write goes first.
  Snapshot snapshot = collection.snapshot();
  if (snapshot.frozen.empty()) snapshot.frozen.push_back(collection.freeze());
  for (const auto& table : snapshot.frozen) {
    CAPROCK_TRY(auto segment, write_segment(table->to_segment(), 0));
    std::vector<std::uint64_t> log_rows;
    log_rows.reserve(table->document_count());
    for (std::uint32_t i = 0; i < table->document_count(); ++i)
      log_rows.push_back(table->document(i).sequence);
    const auto row = segment ? std::optional(segment->row()) : std::nullopt;
    CAPROCK_CHECK(database_.write_blocking(
        [&](Connection& db) { return replace_by_segment(db, collection.id(), row, log_rows, {}); }));
    collection.replace(table, std::move(segment));
  }
  return {};
}

base::Result<void> Maintenance::merge(Collection& collection, const Inputs& inputs, std::uint32_t level) {
  std::vector<MergeInput> parts;
  std::vector<std::uint64_t> ids;
  for (const auto& input : inputs) {
    // Marks may be set while the merge runs: what counts is how they stood at its start.
    std::vector<bool> dead(input->segment().document_count());
    for (std::uint32_t i = 0; i < dead.size(); ++i) dead[i] = input->dead(i);
    parts.push_back(
        {&input->segment(), [dead = std::move(dead)](std::uint32_t number) { return dead[number]; }});
    ids.push_back(input->row().id);
  }
  CAPROCK_TRY(auto segment, write_segment(merge_segments(parts), level));
  const auto row = segment ? std::optional(segment->row()) : std::nullopt;
  CAPROCK_CHECK(database_.write_blocking(
      [&](Connection& db) { return replace_by_segment(db, collection.id(), row, {}, ids); }));
  collection.replace(inputs, std::move(segment));
  for (const std::uint64_t id : ids) {
    std::error_code ignored;  // what is left over is removed at the next start
    std::filesystem::remove(segment_path(folder_, id), ignored);
  }
  return {};
}

base::Result<void> Maintenance::drop_done_tombstones(Collection& collection) {
  std::vector<TombstoneRow> done = collection.tombstones();
  if (done.empty()) return {};
  const Snapshot snapshot = collection.snapshot();
  std::erase_if(done, [&](const TombstoneRow& row) {
    return std::ranges::any_of(snapshot.segments, [&](const auto& live) {
      const auto number = live->segment().find_document(row.document, row.version);
      return number && live->segment().document(*number).sequence < row.sequence;
    });
  });
  if (done.empty()) return {};
  CAPROCK_CHECK(
      database_.write_blocking([&](Connection& db) { return drop_tombstones(db, collection.id(), done); }));
  collection.forget(done);
  return {};
}

}  // namespace caprock::stores::text
