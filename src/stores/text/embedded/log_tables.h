#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "stores/sqlite/connection.h"
#include "stores/types.h"

// The index's rows in SQLite: which segments there are, and what is newer than they are. Every function is
// one part of a read or write job of the Database; errors as there.
namespace caprock::stores::text {

struct SegmentRow {
  std::uint64_t id = 0;
  std::uint32_t level = 0;
};

/// A removed version: it kills what was written of it before `sequence`.
struct TombstoneRow {
  std::string document;
  std::uint32_t version = 0;
  std::uint64_t sequence = 0;
};

base::Result<std::optional<std::int64_t>> find_collection(Connection& db, const CollectionKey& key);
base::Result<std::int64_t> make_collection(Connection& db, const CollectionKey& key);
/// The highest number that a log row, tombstone or segment has.
base::Result<std::uint64_t> last_sequence(Connection& db);
base::Result<std::vector<SegmentRow>> segments_of(Connection& db, std::int64_t collection);
base::Result<std::vector<std::uint64_t>> all_segments(Connection& db);
base::Result<std::vector<CollectionKey>> all_collections(Connection& db);
base::Result<std::vector<TombstoneRow>> tombstones_of(Connection& db, std::int64_t collection);
/// In order of sequence.
base::Result<void> read_log(
    Connection& db, std::int64_t collection,
    const std::function<base::Result<void>(std::uint64_t sequence, std::string_view bytes)>& row);

base::Result<void> append_log(Connection& db, std::int64_t collection, std::uint64_t sequence,
                              std::string_view bytes);
base::Result<void> put_tombstone(Connection& db, std::int64_t collection, const TombstoneRow& row);
base::Result<void> drop_tombstones(Connection& db, std::int64_t collection,
                                   std::span<const TombstoneRow> rows);
/// A segment takes the place of log rows and of other segments.
base::Result<void> replace_by_segment(Connection& db, std::int64_t collection,
                                      std::optional<SegmentRow> segment,
                                      std::span<const std::uint64_t> log_rows,
                                      std::span<const std::uint64_t> segments);

/// CREATE TABLE statements, the first version.
extern const char* const kTextTables;

}  // namespace caprock::stores::text
