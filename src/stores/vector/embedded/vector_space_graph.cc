// How a space is loaded, and how its graph is built, written and read again.
#include <algorithm>
#include <cstring>
#include <fstream>
#include <shared_mutex>
#include <sstream>

#include "base/log.h"
#include "stores/vector/embedded/vector_space.h"

namespace caprock::stores {
namespace {

using base::Result;

// How long a slice of linking may hold the lock: the most that it adds to a search.
constexpr std::chrono::milliseconds kSlice{2};
// A graph whose file lost this share of its elements is built anew.
constexpr std::size_t kMostLost = 4;

std::optional<std::string> read_whole(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return std::move(bytes).str();
}

// The file is a cache with a checksum: it need not be durable, only whole.
bool write_whole(const std::filesystem::path& path, const std::string& bytes) {
  std::filesystem::path scratch = path;
  scratch += ".new";
  std::ofstream file(scratch, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  std::error_code failed;
  if (file) std::filesystem::rename(scratch, path, failed);
  if (file && !failed) return true;
  std::filesystem::remove(scratch, failed);
  return false;
}

}  // namespace

Result<bool> VectorSpace::load(Database& db) {
  if (loaded_.load(std::memory_order_acquire)) return false;
  const std::lock_guard once(load_mutex_);
  if (loaded_.load(std::memory_order_relaxed)) return false;
  CAPROCK_CHECK(read_rows(db));
  const std::lock_guard lock(lock_);
  read_graph();
  replay();
  loaded_.store(true, std::memory_order_release);
  return true;
}

// Nobody else looks at the rows yet: changes go to the buffer, searches wait for load().
Result<void> VectorSpace::read_rows(Database& db) {
  return db.read_blocking([this](Connection& connection) -> Result<void> {
    CAPROCK_TRY(snapshot_, last_sequence(connection));
    std::uint32_t document = DocumentSet::kNone;
    std::vector<float> vector(row_.dimension);  // the bytes stand at any address
    return read_space(
        connection, row_.number,
        [&](const DocumentId& id, std::uint32_t version, const Metadata& metadata) {
          document = documents_.find_or_add(id, version, metadata);
        },
        [&](const StoredVector& stored) {
          if (stored.bytes.size() != row_.dimension * sizeof(float)) return;
          std::memcpy(vector.data(), stored.bytes.data(), stored.bytes.size());
          put(document, stored.chunk, stored.sequence, vector.data());
        });
  });
}

void VectorSpace::read_graph() {
  if (live_ < static_cast<std::size_t>(settings_.exact_below)) return;
  const auto bytes = read_whole(graph_file_);
  if (!bytes) return;
  std::vector<std::pair<std::int64_t, std::uint32_t>> slots;
  slots.reserve(live_);
  for (std::uint32_t slot = 0; slot < sequence_of_slot_.size(); ++slot)
    slots.emplace_back(sequence_of_slot_[slot], slot);
  std::ranges::sort(slots);
  std::vector<std::uint32_t> graphed;
  auto graph = Graph::load(*bytes, rows_, [&](std::int64_t sequence) {
    const auto found = std::ranges::lower_bound(slots, std::pair(sequence, 0U));
    if (found == slots.end() || found->first != sequence) return Graph::kNoSlot;
    graphed.push_back(found->second);
    return found->second;
  });
  if (!graph || (*graph)->removed() * kMostLost > (*graph)->size()) {
    base::log(base::LogLevel::kWarn, "the graph of a vector index is built anew",
              {{"file", graph_file_.string()},
               {"reason", graph ? "too much was deleted since" : graph.error().detail}});
    return;
  }
  graph_ = std::move(*graph);
  graph_ready_ = true;
  for (const std::uint32_t slot : graphed) state_of_slot_[slot] = Slot::kGraphed;
  std::erase_if(tail_, [&](std::uint32_t slot) { return state_of_slot_[slot] == Slot::kGraphed; });
}

void VectorSpace::replay() {
  static const Metadata kNoMetadata;
  buffering_ = false;
  for (const Change& change : buffer_) {
    const ChunkKey& key = change.record.key;
    if (change.sequence == 0) {
      remove_now(key.document, key.version);
    } else if (change.sequence > snapshot_) {
      const Metadata& metadata = change.record.metadata ? *change.record.metadata : kNoMetadata;
      put(documents_.find_or_add(key.document, key.version, metadata), key.index, change.sequence,
          change.record.vector.data());
    }
  }
  buffer_ = {};
}

bool VectorSpace::maintain() {
  bool building = false;
  {
    const std::lock_guard lock(lock_);
    if (buffering_ || graph_failed_ || tail_.empty()) return false;
    if (graph_ == nullptr && live_ < static_cast<std::size_t>(settings_.exact_below)) return false;
    if (graph_ == nullptr) graph_ = std::make_unique<Graph>(rows_);
    building = !graph_ready_;
  }
  try {
    if (building) {
      const std::shared_lock lock(lock_);
      link_slice();
    } else {
      const std::lock_guard lock(lock_);
      link_slice();
    }
  } catch (const std::exception& e) {
    base::log(base::LogLevel::kError, "a vector graph could not be built; searches look at every vector",
              {{"what", e.what()}});
    drop_graph();
    return false;
  }
  const std::lock_guard lock(lock_);
  if (tail_.empty()) graph_ready_ = true;
  return !tail_.empty();
}

void VectorSpace::link_slice() {
  const auto end = std::chrono::steady_clock::now() + kSlice;
  while (!tail_.empty() && std::chrono::steady_clock::now() < end) {
    const std::uint32_t slot = tail_.back();
    if (state_of_slot_[slot] == Slot::kTail) {
      graph_->add(slot);
      ++unsaved_;
      state_of_slot_[slot] = Slot::kGraphed;
    } else {
      state_of_slot_[slot] = Slot::kFree;
    }
    tail_.pop_back();
  }
}

void VectorSpace::drop_graph() {
  const std::lock_guard lock(lock_);
  graph_.reset();
  graph_ready_ = false;
  graph_failed_ = true;
  tail_.clear();
  for (std::uint32_t slot = 0; slot < state_of_slot_.size(); ++slot) {
    const bool taken = document_of_slot_[slot] != DocumentSet::kNone;
    state_of_slot_[slot] = taken ? Slot::kTail : Slot::kFree;
    if (taken) tail_.push_back(slot);
  }
}

void VectorSpace::save_graph(bool force) {
  std::string bytes;
  std::size_t saved = 0;
  {
    const std::shared_lock lock(lock_);
    // First of all: while changes are buffered the rows are being read, without the lock.
    if (buffering_ || !has_graph()) return;
    saved = unsaved_;
    if (saved < (force ? 1 : std::max<std::size_t>(5000, live_ / 20))) return;
    bytes = graph_->save(sequence_of_slot_, watermark_);
  }
  const bool written = write_whole(graph_file_, bytes);
  if (!written) {
    base::log(base::LogLevel::kWarn,
              "the graph of a vector index could not be written; the next start builds it anew",
              {{"file", graph_file_.string()}});
  }
  const std::lock_guard lock(lock_);
  unsaved_ -= saved;  // some may have come meanwhile
}

}  // namespace caprock::stores
