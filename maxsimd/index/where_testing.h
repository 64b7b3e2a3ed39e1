// A table with a column `metadata` in SQLite's memory, asked by conditions: for tests and fuzzing.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "maxsimd/index/where.h"

namespace maxsimd::where_testing {

/// true, false or unknown.
using Verdict = std::optional<bool>;

class MetadataTable {
 public:
  MetadataTable() {
    sqlite3* database = nullptr;
    const int code =
        sqlite3_open_v2(":memory:", &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
    database_.reset(database);
    check(code == SQLITE_OK);
    const auto create = prepare("CREATE TABLE documents (sequence INTEGER PRIMARY KEY, metadata)");
    check(sqlite3_step(create.get()) == SQLITE_DONE);
  }

  /// An object as JSON, or nothing for NULL.
  void add(const std::optional<std::string>& metadata) {
    const auto insert = prepare("INSERT INTO documents (metadata) VALUES (?1)");
    if (metadata) bind_text(insert.get(), 1, *metadata);
    check(sqlite3_step(insert.get()) == SQLITE_DONE);
  }

  /// What the condition says of each row, asked as the catalog asks. Throws std::runtime_error with
  /// SQLite's words.
  std::vector<Verdict> verdicts(const WhereSql& sql) const {
    const auto select = bound("SELECT sequence, (" + sql.condition +
                                  ") FROM documents WHERE sequence >= 0 ORDER BY sequence",
                              sql);
    std::vector<Verdict> verdicts;
    while (step(select.get())) {
      const bool is_null = sqlite3_column_type(select.get(), 1) == SQLITE_NULL;
      verdicts.push_back(is_null ? Verdict{} : Verdict{sqlite3_column_int(select.get(), 1) != 0});
    }
    return verdicts;
  }

  /// The numbers, from 0, of the rows that it selects.
  std::vector<size_t> rows(const WhereSql& sql) const {
    const auto select =
        bound("SELECT sequence FROM documents WHERE " + sql.condition + " ORDER BY sequence", sql);
    std::vector<size_t> rows;
    while (step(select.get())) {
      rows.push_back(static_cast<size_t>(sqlite3_column_int64(select.get(), 0)) - 1);
    }
    return rows;
  }

 private:
  struct Close {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

  void check(bool condition) const {
    if (!condition) throw std::runtime_error(sqlite3_errmsg(database_.get()));
  }

  Statement prepare(const std::string& sql) const {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v2(database_.get(), sql.c_str(), -1, &statement, nullptr);
    Statement result(statement);
    check(code == SQLITE_OK);
    return result;
  }

  Statement bound(const std::string& text, const WhereSql& sql) const {
    Statement statement = prepare(text);
    int number = 0;
    for (const WhereLiteral& parameter : sql.parameters) bind(statement.get(), ++number, parameter);
    check(sqlite3_bind_parameter_count(statement.get()) == number);
    return statement;
  }

  void bind(sqlite3_stmt* statement, int number, const WhereLiteral& literal) const {
    if (const auto* text = std::get_if<std::string>(&literal)) {
      bind_text(statement, number, *text);
    } else if (const auto* real = std::get_if<double>(&literal)) {
      check(sqlite3_bind_double(statement, number, *real) == SQLITE_OK);
    } else {
      const auto* integer = std::get_if<int64_t>(&literal);
      const int64_t value = integer != nullptr ? *integer : int64_t{std::get<bool>(literal)};
      check(sqlite3_bind_int64(statement, number, value) == SQLITE_OK);
    }
  }

  void bind_text(sqlite3_stmt* statement, int number, std::string_view text) const {
    check(sqlite3_bind_text(statement, number, text.data(), static_cast<int>(text.size()),
                            SQLITE_TRANSIENT) == SQLITE_OK);
  }

  bool step(sqlite3_stmt* statement) const {
    const int code = sqlite3_step(statement);
    check(code == SQLITE_ROW || code == SQLITE_DONE);
    return code == SQLITE_ROW;
  }

  std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace maxsimd::where_testing
