#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "stores/search_index.h"
#include "stores/sqlite/connection.h"
#include "stores/sqlite/schema.h"
#include "stores/vector_inventory.h"

namespace caprock::stores {

/// The tables of the embedded vector index. A space is the vectors of one (tenant, collection, fingerprint);
/// its number stands for these three everywhere else.
SchemaPart vector_tables();

struct SpaceRow {
  std::int64_t number = 0;
  std::size_t dimension = 0;
};

base::Result<std::optional<SpaceRow>> find_space(Connection& db, const SpaceKey& key);
base::Result<SpaceRow> find_or_make_space(Connection& db, const SpaceKey& key, std::size_t dimension);
base::Result<std::vector<SpaceKey>> list_spaces(Connection& db);

/// Stores the vectors and gives their sequence numbers, which grow with every commit and are never used
/// again.
base::Result<std::vector<std::int64_t>> put_vectors(Connection& db, std::int64_t space,
                                                    const std::vector<VectorRecord>& records);

/// Removes a version from every space of the collection; gives those that hold nothing any more and are gone.
base::Result<std::vector<std::int64_t>> remove_vectors(Connection& db, const CollectionKey& collection,
                                                       const DocumentId& document, std::uint32_t version);

base::Result<std::uint64_t> count_vectors(Connection& db, std::int64_t space);
base::Result<std::vector<std::uint32_t>> count_vectors_of(Connection& db, std::int64_t space,
                                                          const std::vector<DocumentVersion>& versions);
base::Result<std::vector<std::uint32_t>> held_chunks(Connection& db, std::int64_t space,
                                                     const DocumentVersion& version);
/// Removes up to `most` vectors of the space, and the space itself with the last of them. True: it is gone.
base::Result<bool> drop_slice(Connection& db, std::int64_t space, std::int64_t most);

struct StoredVector {
  std::int64_t sequence = 0;
  std::uint32_t chunk = 0;
  std::span<const std::byte> bytes;
};
/// Calls `document(id, version, metadata)` and after it `vector(StoredVector)` for each of its vectors.
base::Result<void> read_space(Connection& db, std::int64_t space,
                              const std::function<void(DocumentId, std::uint32_t, const Metadata&)>& document,
                              const std::function<void(const StoredVector&)>& vector);
/// The highest sequence number ever committed.
base::Result<std::int64_t> last_sequence(Connection& db);

}  // namespace caprock::stores
