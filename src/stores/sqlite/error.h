#pragma once

#include <string>

#include "base/error.h"

struct sqlite3;

namespace caprock::stores {

/// The error of the last call on `db`, which returned `code`: a full disk is kOutOfSpace, what may pass (I/O
/// error, lock, memory) kUnavailable, everything else kInternal. `doing` goes to the log.
base::Error sqlite_error(sqlite3* db, int code, std::string doing);

}  // namespace caprock::stores
