#pragma once

#include <optional>

#include "stores/document_store.h"
#include "stores/sqlite/connection.h"

namespace caprock::stores {

/// What an idempotency key stands for.
struct Outcome {
  std::string resource;
  std::int64_t number = 0;
};

/// The outcome under the entry's key, if it is not older than 24 h. kUnprocessable when it was another body.
base::Result<std::optional<Outcome>> find_outcome(Connection& db, const base::TenantId& tenant,
                                                  const IdempotencyEntry& entry, base::WallTime now);
/// To be called in the transaction of the effect. Forgets what has expired.
base::Result<void> keep_outcome(Connection& db, const base::TenantId& tenant, const IdempotencyEntry& entry,
                                const Outcome& outcome, base::WallTime now);

}  // namespace caprock::stores
