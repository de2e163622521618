#pragma once

#include "stores/sqlite/schema.h"

namespace caprock::stores {

/// The tables of documents, chunks, conversations, idempotency and small blobs. The tenant is the first
/// column of every key.
SchemaPart record_tables();

}  // namespace caprock::stores
