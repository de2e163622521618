#include "stores/sqlite/error.h"

#include <sqlite3.h>

#include <cerrno>

namespace caprock::stores {
namespace {

using base::Error;
using base::ErrorKind;

bool disk_is_full(sqlite3* db, int code) {
  if ((code & 0xff) == SQLITE_FULL) return true;
  if ((code & 0xff) != SQLITE_IOERR || db == nullptr) return false;
  const int cause = sqlite3_system_errno(db);
  return cause == ENOSPC || cause == EDQUOT;
}

bool may_pass(int code) {
  switch (code & 0xff) {
    case SQLITE_IOERR:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_NOMEM:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL:
    case SQLITE_READONLY:
    case SQLITE_INTERRUPT:
      return true;
    default:
      return false;
  }
}

Error of_kind(sqlite3* db, int code) {
  if (disk_is_full(db, code)) {
    return {ErrorKind::kOutOfSpace,
            "the disk that holds the data folder is full: free some space and try again"};
  }
  if (may_pass(code)) {
    return Error(ErrorKind::kUnavailable, "the data folder cannot be read or written at the moment")
        .with_retry_after(std::chrono::seconds(1));
  }
  return base::internal_error("");
}

}  // namespace

base::Error sqlite_error(sqlite3* db, int code, std::string doing) {
  std::string detail = std::move(doing) + ": " + sqlite3_errstr(code) + " (" + std::to_string(code) + ")";
  if (db != nullptr) detail += std::string(", ") + sqlite3_errmsg(db);
  return of_kind(db, code)
      .with_detail(std::move(detail))
      .with_origin({.component = "sqlite", .status = code});
}

}  // namespace caprock::stores
