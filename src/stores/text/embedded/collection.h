#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stores/search_index.h"
#include "stores/text/embedded/log_tables.h"
#include "stores/text/embedded/memtable.h"
#include "stores/text/embedded/segment_file.h"

namespace caprock::stores::text {

/// A segment of a collection with the marks of its dead documents, which are set and never cleared.
class LiveSegment {
 public:
  LiveSegment(SegmentRow row, std::shared_ptr<const SegmentFile> file);
  const SegmentRow& row() const { return row_; }
  const Segment& segment() const { return file_->segment(); }
  bool dead(std::uint32_t document) const {
    return (marks_[document / 64].load(std::memory_order_relaxed) >> (document % 64) & 1) != 0;
  }
  bool any_dead() const { return any_dead_.load(std::memory_order_relaxed); }
  /// Kills the entry of a version if it is older than `sequence`. The caller holds the collection's lock.
  void kill(std::string_view document, std::uint32_t version, std::uint64_t sequence);
  // Of the living; under the collection's lock.
  const BodyStats& chunk_stats() const { return chunk_stats_; }
  const BodyStats& document_stats() const { return document_stats_; }

 private:
  SegmentRow row_;
  std::shared_ptr<const SegmentFile> file_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> marks_;
  std::atomic<bool> any_dead_ = false;
  BodyStats chunk_stats_;
  BodyStats document_stats_;
};

/// What a search reads: nothing in it goes away while it is held.
struct Snapshot {
  std::vector<std::shared_ptr<const LiveSegment>> segments;
  std::vector<std::shared_ptr<const Memtable>> frozen;
  std::shared_ptr<const Memtable> active;  ///< grows: read it under the collection's shared lock
  BodyStats chunks;
  BodyStats documents;
};

/// The index of one tenant's collection as it stands in memory. The rows in SQLite lead: what changes here
/// was committed there before. Thread safe.
class Collection {
 public:
  explicit Collection(std::int64_t id) : id_(id), active_(std::make_shared<Memtable>()) {}
  std::int64_t id() const { return id_; }

  // Following the rows.
  void add(const AnalyzedDocument& document, std::uint64_t sequence);
  void add_segment(std::shared_ptr<LiveSegment> segment);
  void kill(const TombstoneRow& tombstone);

  /// The log row that holds a version, or 0: in a segment; nothing when the version is not here.
  std::optional<std::uint64_t> find(std::string_view document, std::uint32_t version) const;
  std::uint32_t active_chunks() const;
  Snapshot snapshot() const;
  std::shared_lock<std::shared_mutex> read_lock() const { return std::shared_lock(mutex_); }
  std::vector<TombstoneRow> tombstones() const;
  void forget(const std::vector<TombstoneRow>& tombstones);

  // Maintenance, by one thread.
  /// Puts a new memory table in the place of the active one, which from now on only loses documents.
  std::shared_ptr<const Memtable> freeze();
  /// `segment` (null: nothing lived) takes the place of what it was made of, and of that what died meanwhile.
  void replace(const std::shared_ptr<const Memtable>& table, std::shared_ptr<LiveSegment> segment);
  void replace(const std::vector<std::shared_ptr<const LiveSegment>>& merged,
               std::shared_ptr<LiveSegment> segment);

 private:
  void kill_locked(const TombstoneRow& tombstone);

  const std::int64_t id_;
  mutable std::shared_mutex mutex_;
  std::shared_ptr<Memtable> active_;
  std::vector<std::shared_ptr<Memtable>> frozen_;
  std::vector<std::shared_ptr<LiveSegment>> segments_;
  std::map<std::pair<std::string, std::uint32_t>, std::uint64_t> tombstones_;
};

}  // namespace caprock::stores::text
