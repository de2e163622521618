#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace caprock::stores {

/// A prepared statement, borrowed from its connection's cache: reset and given back when it goes out of
/// scope. Not thread safe; does not outlive the connection.
class Statement {
 public:
  Statement(sqlite3* db, sqlite3_stmt* stmt, bool* in_use) : db_(db), stmt_(stmt), in_use_(in_use) {}
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  /// Binds the parameters from the first on; values are copied. Strings are text, spans of bytes are blobs,
  /// an empty optional is NULL.
  template <class... Values>
  Statement& bind(const Values&... values) {
    int index = 0;
    (bind_one(++index, values), ...);
    return *this;
  }
  template <class Value>
  Statement& bind_at(int index, const Value& value) {
    bind_one(index, value);
    return *this;
  }
  /// True: a row is there. False: done. Errors as of sqlite_error.
  base::Result<bool> step();
  /// Steps to the end, passing over rows.
  base::Result<void> run();
  /// Ready to be bound and run again.
  void reset();

  // Columns of the current row, from 0. Views hold until the next step.
  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string_view text(int column) const;
  std::string string(int column) const { return std::string(text(column)); }
  std::span<const std::byte> blob(int column) const;
  bool is_null(int column) const;

 private:
  template <class Value>
  void bind_one(int index, const Value& value) {
    if constexpr (std::is_same_v<Value, std::nullopt_t>) {  // NOLINT(bugprone-branch-clone): `value` has no
                                                            // value to test
      note(bind_null(index));
    } else if constexpr (std::is_integral_v<Value> || std::is_enum_v<Value>) {
      note(bind_integer(index, static_cast<std::int64_t>(value)));
    } else if constexpr (std::is_floating_point_v<Value>) {
      note(bind_real(index, value));
    } else if constexpr (std::is_convertible_v<const Value&, std::string_view>) {
      note(bind_text(index, value));
    } else if constexpr (std::is_convertible_v<const Value&, std::span<const std::byte>>) {
      note(bind_blob(index, value));
    } else if (value) {  // an optional
      bind_one(index, *value);
    } else {
      note(bind_null(index));
    }
  }
  int bind_null(int index);
  int bind_integer(int index, std::int64_t value);
  int bind_real(int index, double value);
  int bind_text(int index, std::string_view value);
  int bind_blob(int index, std::span<const std::byte> value);
  void note(int code);

  sqlite3* db_;
  sqlite3_stmt* stmt_;
  bool* in_use_;  ///< of the cache's entry; null: this statement is ours alone
  int failed_ = 0;
};

/// One connection to the database file. Used by one thread at a time.
class Connection {
 public:
  enum class Mode : std::uint8_t { kReadWrite, kReadOnly };
  /// `vfs` names SQLite's file layer; empty: the default. kUnavailable, kInternal.
  static base::Result<std::unique_ptr<Connection>> open(const std::string& path, Mode mode,
                                                        const std::string& vfs);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// `sql` is one statement. Values go in by bind() only: text from outside is never a part of it.
  base::Result<Statement> prepare(std::string_view sql);
  /// Prepares, binds, runs to the end.
  template <class... Values>
  base::Result<void> execute(std::string_view sql, const Values&... values) {
    CAPROCK_TRY(Statement statement, prepare(sql));
    return statement.bind(values...).run();
  }
  /// The first column of the first row as an integer; `otherwise` when there is no row.
  template <class... Values>
  base::Result<std::int64_t> integer(std::string_view sql, std::int64_t otherwise, const Values&... values) {
    CAPROCK_TRY(Statement statement, prepare(sql));
    CAPROCK_TRY(const bool row, statement.bind(values...).step());
    return row ? statement.integer(0) : otherwise;
  }
  /// Several statements without parameters: pragmas and migrations.
  base::Result<void> run_script(const std::string& sql);

  std::int64_t changes() const;
  std::int64_t last_insert_rowid() const;
  bool in_transaction() const;

  /// Within a write job: runs on the writer thread once the job is durable, before its caller resumes; never
  /// when the job is rolled back. For caches that follow the tables.
  void after_commit(std::function<void()> hook) { hooks_.push_back(std::move(hook)); }
  std::vector<std::function<void()>> take_hooks() { return std::exchange(hooks_, {}); }

 private:
  explicit Connection(sqlite3* db) : db_(db) {}
  struct Entry {
    sqlite3_stmt* stmt = nullptr;
    bool in_use = false;
  };
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  sqlite3* db_;
  std::unordered_map<std::string, Entry, Hash, std::equal_to<>> statements_;
  std::vector<std::function<void()>> hooks_;
};

}  // namespace caprock::stores
