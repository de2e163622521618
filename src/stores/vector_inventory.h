#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/awaitable.h"
#include "base/context.h"
#include "stores/types.h"

namespace caprock::stores {

/// Names the vectors of one embedding model in one collection.
struct SpaceKey {
  CollectionKey collection;
  std::string fingerprint;
  auto operator<=>(const SpaceKey&) const = default;
};

struct DocumentVersion {
  DocumentId document;
  std::uint32_t version = 0;
};

/// What a vector index holds, of which model: for making vectors anew, not for searches. Thread safe. Errors
/// as of VectorIndex.
class VectorInventory {
 public:
  virtual ~VectorInventory() = default;
  /// Every space that holds something, of all tenants.
  virtual base::Awaitable<base::Result<std::vector<SpaceKey>>> spaces(
      const base::RequestContext& context) = 0;
  /// Vectors of all versions in the space, 0 when there is none. Takes time in proportion.
  virtual base::Awaitable<base::Result<std::uint64_t>> count(const base::RequestContext& context,
                                                             SpaceKey space) = 0;
  /// Vectors of each version, in order.
  virtual base::Awaitable<base::Result<std::vector<std::uint32_t>>> counts(
      const base::RequestContext& context, SpaceKey space, std::vector<DocumentVersion> versions) = 0;
  /// The indexes of the version's passages that have a vector, ascending.
  virtual base::Awaitable<base::Result<std::vector<std::uint32_t>>> held(const base::RequestContext& context,
                                                                         SpaceKey space,
                                                                         DocumentVersion version) = 0;
  /// Removes the space, in slices, so that other writes come in between; a drop that was cut off goes on when
  /// it is asked for again. Nobody may search or fill the space any more.
  virtual base::Awaitable<base::Result<void>> drop(const base::RequestContext& context, SpaceKey space) = 0;
};

}  // namespace caprock::stores
