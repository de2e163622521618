#include "stores/text/embedded/collection.h"

#include <algorithm>
#include <mutex>

namespace caprock::stores::text {
namespace {

void add_stats(BodyStats& sum, const BodyStats& part) {
  sum.count += part.count;
  sum.terms += part.terms;
}

}  // namespace

LiveSegment::LiveSegment(SegmentRow row, std::shared_ptr<const SegmentFile> file)
    : row_(row),
      file_(std::move(file)),
      marks_(std::make_unique<std::atomic<std::uint64_t>[]>(segment().document_count() / 64 + 1)),
      chunk_stats_(segment().chunk_stats()),
      document_stats_(segment().document_stats()) {}

void LiveSegment::kill(std::string_view id, std::uint32_t version, std::uint64_t sequence) {
  const auto number = segment().find_document(id, version);
  if (!number || dead(*number)) return;
  const SegmentDocument document = segment().document(*number);
  if (document.sequence >= sequence) return;
  any_dead_.store(true, std::memory_order_relaxed);
  marks_[*number / 64].fetch_or(std::uint64_t{1} << (*number % 64), std::memory_order_relaxed);
  for (std::uint32_t i = 0; i < document.chunk_count; ++i)
    chunk_stats_.terms -= segment().chunk_length(document.first_chunk + i);
  chunk_stats_.count -= document.chunk_count;
  document_stats_.count -= 1;
  document_stats_.terms -= document.length;
}

void Collection::add(const AnalyzedDocument& document, std::uint64_t sequence) {
  const std::unique_lock lock(mutex_);
  active_->add(document, sequence);
}

void Collection::add_segment(std::shared_ptr<LiveSegment> segment) {
  const std::unique_lock lock(mutex_);
  segments_.push_back(std::move(segment));
}

void Collection::kill(const TombstoneRow& tombstone) {
  const std::unique_lock lock(mutex_);
  std::uint64_t& sequence = tombstones_[{tombstone.document, tombstone.version}];
  sequence = std::max(sequence, tombstone.sequence);
  kill_locked(tombstone);
}

void Collection::kill_locked(const TombstoneRow& tombstone) {
  const auto kill_in = [&](Memtable& table) {
    const auto number = table.find_document(tombstone.document, tombstone.version);
    if (number && table.document(*number).sequence < tombstone.sequence) table.kill(*number);
  };
  kill_in(*active_);
  for (const auto& table : frozen_) kill_in(*table);
  for (const auto& segment : segments_)
    segment->kill(tombstone.document, tombstone.version, tombstone.sequence);
}

std::optional<std::uint64_t> Collection::find(std::string_view document, std::uint32_t version) const {
  const std::shared_lock lock(mutex_);
  if (const auto number = active_->find_document(document, version))
    return active_->document(*number).sequence;
  for (const auto& table : frozen_)
    if (const auto number = table->find_document(document, version)) return table->document(*number).sequence;
  for (const auto& segment : segments_) {
    const auto number = segment->segment().find_document(document, version);
    if (number && !segment->dead(*number)) return 0;
  }
  return std::nullopt;
}

std::uint32_t Collection::active_chunks() const {
  const std::shared_lock lock(mutex_);
  return active_->chunk_count();
}

Snapshot Collection::snapshot() const {
  const std::shared_lock lock(mutex_);
  Snapshot snapshot{.segments = {segments_.begin(), segments_.end()},
                    .frozen = {frozen_.begin(), frozen_.end()},
                    .active = active_,
                    .chunks = active_->chunk_stats(),
                    .documents = active_->document_stats()};
  for (const auto& table : frozen_) {
    add_stats(snapshot.chunks, table->chunk_stats());
    add_stats(snapshot.documents, table->document_stats());
  }
  for (const auto& segment : segments_) {
    add_stats(snapshot.chunks, segment->chunk_stats());
    add_stats(snapshot.documents, segment->document_stats());
  }
  return snapshot;
}

std::vector<TombstoneRow> Collection::tombstones() const {
  const std::shared_lock lock(mutex_);
  std::vector<TombstoneRow> rows;
  rows.reserve(tombstones_.size());
  for (const auto& [key, sequence] : tombstones_) rows.push_back({key.first, key.second, sequence});
  return rows;
}

void Collection::forget(const std::vector<TombstoneRow>& rows) {
  const std::unique_lock lock(mutex_);
  for (const TombstoneRow& row : rows) {
    const auto found = tombstones_.find({row.document, row.version});
    if (found != tombstones_.end() && found->second <= row.sequence) tombstones_.erase(found);
  }
}

std::shared_ptr<const Memtable> Collection::freeze() {
  const std::unique_lock lock(mutex_);
  frozen_.push_back(std::exchange(active_, std::make_shared<Memtable>()));
  return frozen_.back();
}

void Collection::replace(const std::shared_ptr<const Memtable>& table, std::shared_ptr<LiveSegment> segment) {
  const std::unique_lock lock(mutex_);
  std::erase(frozen_, table);
  if (!segment) return;
  for (std::uint32_t i = 0; i < table->document_count(); ++i) {
    const Memtable::Document& document = table->document(i);
    if (document.dead) segment->kill(document.id, document.version, document.sequence + 1);
  }
  segments_.push_back(std::move(segment));
}

void Collection::replace(const std::vector<std::shared_ptr<const LiveSegment>>& merged,
                         std::shared_ptr<LiveSegment> segment) {
  const std::unique_lock lock(mutex_);
  for (const auto& input : merged) {
    std::erase(segments_, input);
    for (std::uint32_t i = 0; segment && i < input->segment().document_count(); ++i) {
      if (!input->dead(i)) continue;
      const SegmentDocument document = input->segment().document(i);
      segment->kill(document.id, document.version, document.sequence + 1);
    }
  }
  if (segment) segments_.push_back(std::move(segment));
}

}  // namespace caprock::stores::text
