#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "stores/search_index.h"
#include "stores/sqlite/database.h"
#include "stores/vector/embedded/document_set.h"
#include "stores/vector/embedded/fair_lock.h"
#include "stores/vector/embedded/graph.h"
#include "stores/vector/embedded/matrix.h"
#include "stores/vector/embedded/vector_settings.h"
#include "stores/vector/embedded/vector_table.h"

namespace caprock::stores {

/// The vectors of one (tenant, collection, fingerprint) in memory: rows in slots, and a graph over them once
/// they are many. Slots that the graph does not have yet (the tail) are scanned exactly, so that a search
/// always sees everything that is committed. Thread safe.
class VectorSpace {
 public:
  VectorSpace(SpaceRow row, VectorSettings settings, std::filesystem::path graph_file);

  std::int64_t number() const { return row_.number; }
  std::size_t dimension() const { return row_.dimension; }

  /// Reads the rows and the graph file; the first caller does, others wait for it. Blocks. Changes that are
  /// committed meanwhile are kept and applied after it. True: this call did it.
  base::Result<bool> load(Database& db);
  bool is_loaded() const { return loaded_.load(std::memory_order_acquire); }

  // Committed changes, in the order of their commits: from the writer's thread only.
  void added(const std::vector<VectorRecord>& records, const std::vector<std::int64_t>& sequences);
  void removed(const DocumentId& document, std::uint32_t version);

  /// The query has the dimension of the space.
  std::vector<IndexHit> search(const VectorQuery& query) const;
  std::vector<float> fetch(const std::vector<float>& vector, const std::vector<ChunkKey>& keys) const;

  // From the one maintenance thread.

  /// Links some of the tail into the graph. False: nothing left to do.
  bool maintain();
  /// Writes the graph file if enough has changed since; `force`: if anything has.
  void save_graph(bool force);
  /// More than half of it is free slots: it is worth to be loaded anew.
  bool is_sparse() const;
  std::size_t size() const;
  bool uses_graph() const;

 private:
  enum class Slot : std::uint8_t { kFree, kFreeInTail, kTail, kGraphed };
  struct Change {
    std::int64_t sequence = 0;  ///< 0: a removal
    VectorRecord record;
  };

  base::Result<void> read_rows(Database& db);
  void read_graph();
  void replay();
  void put(std::uint32_t document, std::uint32_t chunk, std::int64_t sequence, const float* vector);
  std::uint32_t take_slot();
  void free_slot(std::uint32_t slot);
  void remove_now(const DocumentId& document, std::uint32_t version);
  void link_slice();
  void drop_graph();
  bool has_graph() const { return graph_ != nullptr && graph_ready_; }
  std::vector<Scored> nearest(const VectorQuery& query) const;
  void scan_all(const float* query, class TopK& best) const;
  void scan_tail(const float* query, const DocumentSet::Selection* selection, TopK& best) const;

  SpaceRow row_;
  VectorSettings settings_;
  std::filesystem::path graph_file_;

  std::mutex load_mutex_;
  std::atomic<bool> loaded_ = false;
  mutable FairLock lock_;  ///< everything below
  bool buffering_ = true;  ///< changes wait in buffer_ until the rows are read
  std::vector<Change> buffer_;
  std::int64_t snapshot_ = 0;  ///< the rows that were read go up to this sequence number
  Matrix rows_;
  DocumentSet documents_;
  std::vector<std::uint32_t> document_of_slot_;  ///< kNone: the slot is free
  std::vector<std::uint32_t> chunk_of_slot_;
  std::vector<std::int64_t> sequence_of_slot_;
  std::vector<Slot> state_of_slot_;
  std::vector<std::uint32_t> free_slots_;
  std::size_t live_ = 0;
  std::int64_t watermark_ = 0;

  // While the graph is not ready, only the maintenance thread touches it and the tail, under a shared lock,
  // and searches look at every row; removals, under the exclusive lock, are the exception.
  std::unique_ptr<Graph> graph_;
  bool graph_ready_ = false;
  bool graph_failed_ = false;
  std::vector<std::uint32_t> tail_;
  std::size_t unsaved_ = 0;  ///< changes of the graph since the file was written
};

}  // namespace caprock::stores
