#include "stores/vector/embedded/vector_space.h"

#include <cmath>
#include <limits>
#include <shared_mutex>

#include "stores/vector/embedded/half.h"
#include "stores/vector/embedded/top_k.h"

namespace caprock::stores {

using base::Result;

VectorSpace::VectorSpace(SpaceRow row, VectorSettings settings, std::filesystem::path graph_file)
    : row_(row), settings_(std::move(settings)), graph_file_(std::move(graph_file)), rows_(row.dimension) {}

void VectorSpace::added(const std::vector<VectorRecord>& records,
                        const std::vector<std::int64_t>& sequences) {
  static const Metadata kNoMetadata;
  const std::lock_guard lock(lock_);
  for (std::size_t i = 0; i < records.size(); ++i) {
    const VectorRecord& record = records[i];
    if (buffering_) {
      buffer_.push_back({sequences[i], record});
      continue;
    }
    const Metadata& metadata = record.metadata ? *record.metadata : kNoMetadata;
    const std::uint32_t document = documents_.find_or_add(record.key.document, record.key.version, metadata);
    put(document, record.key.index, sequences[i], record.vector.data());
  }
}

void VectorSpace::removed(const DocumentId& document, std::uint32_t version) {
  const std::lock_guard lock(lock_);
  if (buffering_) {
    buffer_.push_back({0, {.key = {document, version, 0}}});
  } else {
    remove_now(document, version);
  }
}

void VectorSpace::remove_now(const DocumentId& id, std::uint32_t version) {
  const std::uint32_t document = documents_.find(id, version);
  if (document == DocumentSet::kNone) return;
  for (const std::uint32_t slot : documents_[document].slots)
    if (slot != DocumentSet::kNone) free_slot(slot);
  documents_.clear_slots(document);
  documents_.remove(document);
}

void VectorSpace::put(std::uint32_t document, std::uint32_t chunk, std::int64_t sequence,
                      const float* vector) {
  const std::uint32_t slot = take_slot();
  best_kernels().to_half(vector, rows_.row(slot), row_.dimension);
  document_of_slot_[slot] = document;
  chunk_of_slot_[slot] = chunk;
  sequence_of_slot_[slot] = sequence;
  watermark_ = std::max(watermark_, sequence);
  ++live_;
  const std::uint32_t before = documents_.set_slot(document, chunk, slot);
  if (before != DocumentSet::kNone) free_slot(before);
}

std::uint32_t VectorSpace::take_slot() {
  std::uint32_t slot = 0;
  if (free_slots_.empty()) {
    slot = rows_.grow();
    document_of_slot_.push_back(DocumentSet::kNone);
    chunk_of_slot_.push_back(0);
    sequence_of_slot_.push_back(0);
    state_of_slot_.push_back(Slot::kFree);
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  if (state_of_slot_[slot] == Slot::kFree) tail_.push_back(slot);
  state_of_slot_[slot] = Slot::kTail;
  return slot;
}

void VectorSpace::free_slot(std::uint32_t slot) {
  document_of_slot_[slot] = DocumentSet::kNone;
  if (state_of_slot_[slot] == Slot::kGraphed) {
    graph_->remove(slot);
    ++unsaved_;
    state_of_slot_[slot] = Slot::kFree;
  } else {
    state_of_slot_[slot] = Slot::kFreeInTail;
  }
  free_slots_.push_back(slot);
  --live_;
}

std::vector<IndexHit> VectorSpace::search(const VectorQuery& query) const {
  const std::shared_lock lock(lock_);
  std::vector<IndexHit> hits;
  for (const Scored& scored : nearest(query)) {
    const DocumentSet::Entry& document = documents_[document_of_slot_[scored.slot]];
    hits.push_back(
        {.key = {document.id, document.version, chunk_of_slot_[scored.slot]}, .score = scored.cosine});
  }
  return hits;
}

std::vector<Scored> VectorSpace::nearest(const VectorQuery& query) const {
  const auto dot = best_kernels().dot;
  const float* vector = query.vector.data();
  TopK best(query.k);
  std::optional<DocumentSet::Selection> selection;
  if (query.filter) selection = documents_.select(*query.filter);
  const bool few = selection && selection->vectors <= static_cast<std::uint64_t>(settings_.exact_below);
  if (selection && (few || !has_graph())) {
    documents_.for_each_slot(*selection, [&](std::uint32_t slot) {
      best.offer(dot(vector, rows_.row(slot), row_.dimension), slot);
    });
    return best.take();
  }
  if (!has_graph()) {
    scan_all(vector, best);
    return best.take();
  }
  const std::function<bool(std::uint32_t)> allowed = [&](std::uint32_t slot) {
    return documents_.selected(*selection, document_of_slot_[slot]);
  };
  const auto effort = static_cast<std::size_t>(settings_.effort);
  for (const Scored& found : graph_->search(vector, query.k, effort, selection ? &allowed : nullptr))
    best.offer(found.cosine, found.slot);
  scan_tail(vector, selection ? &*selection : nullptr, best);
  return best.take();
}

void VectorSpace::scan_all(const float* query, TopK& best) const {
  const auto dot = best_kernels().dot;
  for (std::uint32_t slot = 0; slot < rows_.rows(); ++slot)
    if (document_of_slot_[slot] != DocumentSet::kNone)
      best.offer(dot(query, rows_.row(slot), row_.dimension), slot);
}

void VectorSpace::scan_tail(const float* query, const DocumentSet::Selection* selection, TopK& best) const {
  const auto dot = best_kernels().dot;
  for (const std::uint32_t slot : tail_) {
    if (state_of_slot_[slot] != Slot::kTail) continue;
    if (selection != nullptr && !documents_.selected(*selection, document_of_slot_[slot])) continue;
    best.offer(dot(query, rows_.row(slot), row_.dimension), slot);
  }
}

std::vector<float> VectorSpace::fetch(const std::vector<float>& vector,
                                      const std::vector<ChunkKey>& keys) const {
  const auto dot = best_kernels().dot;
  std::vector<float> cosines;
  cosines.reserve(keys.size());
  const std::shared_lock lock(lock_);
  for (const ChunkKey& key : keys) {
    const std::uint32_t document = documents_.find(key.document, key.version);
    std::uint32_t slot = DocumentSet::kNone;
    if (document != DocumentSet::kNone && key.index < documents_[document].slots.size())
      slot = documents_[document].slots[key.index];
    cosines.push_back(slot == DocumentSet::kNone ? std::numeric_limits<float>::quiet_NaN()
                                                 : dot(vector.data(), rows_.row(slot), row_.dimension));
  }
  return cosines;
}

bool VectorSpace::is_sparse() const {
  constexpr std::size_t kWorthIt = 8192;
  const std::shared_lock lock(lock_);
  return !buffering_ && free_slots_.size() > kWorthIt && free_slots_.size() > live_;
}

std::size_t VectorSpace::size() const {
  const std::shared_lock lock(lock_);
  return buffering_ ? 0 : live_;
}

bool VectorSpace::uses_graph() const {
  const std::shared_lock lock(lock_);
  return !buffering_ && has_graph();
}

}  // namespace caprock::stores
