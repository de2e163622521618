#include "stores/sqlite/connection.h"

#include <sqlite3.h>

#include <utility>

#include "stores/sqlite/error.h"

namespace caprock::stores {

using base::failure;
using base::Result;

Statement::Statement(Statement&& other) noexcept
    : db_(other.db_),
      stmt_(std::exchange(other.stmt_, nullptr)),
      in_use_(std::exchange(other.in_use_, nullptr)),
      failed_(other.failed_) {}

Statement::~Statement() {
  if (stmt_ == nullptr) return;
  if (in_use_ == nullptr) {
    sqlite3_finalize(stmt_);
    return;
  }
  sqlite3_reset(stmt_);
  sqlite3_clear_bindings(stmt_);
  *in_use_ = false;
}

Result<bool> Statement::step() {
  const int code = failed_ != SQLITE_OK ? failed_ : sqlite3_step(stmt_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return failure(sqlite_error(db_, sqlite3_extended_errcode(db_), sqlite3_sql(stmt_)));
}

Result<void> Statement::run() {
  while (true) {
    CAPROCK_TRY(const bool row, step());
    if (!row) return {};
  }
}

void Statement::reset() {
  sqlite3_reset(stmt_);
  failed_ = SQLITE_OK;
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(stmt_, column); }
double Statement::real(int column) const { return sqlite3_column_double(stmt_, column); }
bool Statement::is_null(int column) const { return sqlite3_column_type(stmt_, column) == SQLITE_NULL; }

std::string_view Statement::text(int column) const {
  const auto* bytes = sqlite3_column_text(stmt_, column);
  if (bytes == nullptr) return {};
  return {reinterpret_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(stmt_, column))};
}

std::span<const std::byte> Statement::blob(int column) const {
  const void* bytes = sqlite3_column_blob(stmt_, column);
  if (bytes == nullptr) return {};
  return {static_cast<const std::byte*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(stmt_, column))};
}

int Statement::bind_null(int index) { return sqlite3_bind_null(stmt_, index); }
int Statement::bind_integer(int index, std::int64_t value) { return sqlite3_bind_int64(stmt_, index, value); }
int Statement::bind_real(int index, double value) { return sqlite3_bind_double(stmt_, index, value); }

int Statement::bind_text(int index, std::string_view value) {
  // A null pointer would bind NULL: an empty view is an empty text.
  const char* bytes = value.data() == nullptr ? "" : value.data();
  return sqlite3_bind_text64(stmt_, index, bytes, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

int Statement::bind_blob(int index, std::span<const std::byte> value) {
  if (value.empty()) return sqlite3_bind_zeroblob(stmt_, index, 0);
  return sqlite3_bind_blob64(stmt_, index, value.data(), value.size(), SQLITE_TRANSIENT);
}

void Statement::note(int code) {
  if (failed_ == SQLITE_OK) failed_ = code;
}

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, Mode mode,
                                                     const std::string& vfs) {
  const int flags =
      SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
      (mode == Mode::kReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &db, flags, vfs.empty() ? nullptr : vfs.c_str());
  std::unique_ptr<Connection> connection(new Connection(db));
  if (code != SQLITE_OK) return failure(sqlite_error(db, code, "opening " + path));
  sqlite3_busy_timeout(db, 5000);
  return connection;
}

Connection::~Connection() {
  for (auto& [sql, entry] : statements_) sqlite3_finalize(entry.stmt);
  sqlite3_close_v2(db_);
}

Result<Statement> Connection::prepare(std::string_view sql) {
  auto found = statements_.find(sql);
  if (found != statements_.end() && !found->second.in_use) {
    found->second.in_use = true;
    return Statement(db_, found->second.stmt, &found->second.in_use);
  }
  sqlite3_stmt* stmt = nullptr;
  const bool kept = found == statements_.end();
  const int code = sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                                      kept ? SQLITE_PREPARE_PERSISTENT : 0, &stmt, nullptr);
  if (code != SQLITE_OK) return failure(sqlite_error(db_, code, std::string(sql)));
  if (!kept) return Statement(db_, stmt, nullptr);  // the cached one is in the middle of its rows
  Entry& entry = statements_.emplace(std::string(sql), Entry{stmt, true}).first->second;
  return Statement(db_, stmt, &entry.in_use);
}

Result<void> Connection::run_script(const std::string& sql) {
  const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return failure(sqlite_error(db_, code, sql.substr(0, 80)));
  return {};
}

std::int64_t Connection::changes() const { return sqlite3_changes64(db_); }
std::int64_t Connection::last_insert_rowid() const { return sqlite3_last_insert_rowid(db_); }
bool Connection::in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }

}  // namespace caprock::stores
