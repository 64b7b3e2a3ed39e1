// A thin wrapper of SQLite for this room: statements that clean up after themselves and errors of
// our kinds. A path's damage (SQLITE_CORRUPT, SQLITE_NOTADB, a schema that is not ours) is a
// FormatError, all else an IoError, each with the path and SQLite's words.
//
// SQLite locks a file by POSIX locks, which the closing of ANY descriptor of that file in the
// process releases: nothing else may open a catalog, not even to read it.
//
// It finds a database's journal by its name, too. The folder is therefore held by itself: however
// it is renamed, a database never meets the journal of another that has taken its place.
//
// Not thread-safe.
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "maxsimd/base/pinned_folder.h"

namespace maxsimd::detail {

class Statement {
 public:
  Statement(sqlite3_stmt* statement, std::string path) : path_(std::move(path)), s_(statement) {}

  /// Parameters count from 1. Texts and blobs must live until the statement is reset or gone.
  Statement& bind(int parameter, int64_t value);
  Statement& bind(int parameter, uint64_t value) {
    return bind(parameter, static_cast<int64_t>(value));
  }
  Statement& bind(int parameter, double value);
  Statement& bind(int parameter, std::string_view value);
  Statement& bind(int parameter, std::span<const std::byte> value);
  Statement& bind_null(int parameter);

  /// Steps to the next row; false when there is none.
  bool step();
  /// Steps through a statement without rows and resets it for the next use.
  void run();
  void reset() noexcept;

  /// Columns count from 0; the views hold until the next step.
  bool is_null(int column) const { return sqlite3_column_type(s_.get(), column) == SQLITE_NULL; }
  /// Throws FormatError when the value is not an integer of at least 0.
  uint64_t column_number(int column) const;
  /// 64 bits kept as an integer of either sign.
  uint64_t column_bits(int column) const {
    return static_cast<uint64_t>(sqlite3_column_int64(s_.get(), column));
  }
  double column_real(int column) const { return sqlite3_column_double(s_.get(), column); }
  std::string_view column_text(int column) const;
  std::span<const std::byte> column_blob(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
  };
  void check(int code, const char* what) const;

  std::string path_;
  std::unique_ptr<sqlite3_stmt, Finalize> s_;
};

class Database {
 public:
  /// `flags` as for sqlite3_open_v2. Nothing is read yet.
  Database(const std::filesystem::path& path, int flags);

  /// Whether the file's header says that it is written with a rollback journal, as ours are. SQLite
  /// reads others, too, but writes nothing, or in another mode, into them.
  bool has_rollback_format() const;
  Statement prepare(std::string_view sql) const;
  void execute(const char* sql) const;
  void roll_back() const noexcept;
  /// Rows changed by the last statement.
  int64_t num_changed() const { return sqlite3_changes64(db_.get()); }
  const std::string& path() const { return path_; }

 private:
  struct Close {
    void operator()(sqlite3* database) const noexcept { sqlite3_close_v2(database); }
  };
  std::string path_;
  PinnedFolder folder_;
  std::unique_ptr<sqlite3, Close> db_;
};

/// BEGIN ... COMMIT; rolled back when it is left by an exception.
class Transaction {
 public:
  enum class Kind { read, write };
  Transaction(const Database& database, Kind kind);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();

  /// Throws IoError; the file then holds the state before, or after when only the clean-up failed.
  void commit();

 private:
  const Database& database_;
  bool open_ = true;
};

}  // namespace maxsimd::detail
