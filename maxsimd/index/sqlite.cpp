#include "maxsimd/index/sqlite.h"

#include <limits>
#include <utility>

#include "maxsimd/base/errors.h"

namespace maxsimd::detail {
namespace {

// A commit waits for readers that are opening, and they for it: milliseconds, but for a large
// commit on a slow disk.
constexpr int kBusyTimeoutMs = 60'000;

constexpr const char* kFileSystem = "maxsimd";

// Takes a name as it is; SQLite's own would look through the link of /proc to the name behind it.
int keep_name(sqlite3_vfs*, const char* name, int size, char* out) {
  const std::string_view text(name);
  if (text.size() >= static_cast<size_t>(size)) return SQLITE_CANTOPEN;
  out[text.copy(out, text.size())] = '\0';
  return SQLITE_OK;
}

// SQLite's access to files, but for keep_name().
void register_file_system() {
  static const int code = [] {
    static sqlite3_vfs ours = *sqlite3_vfs_find(nullptr);
    ours.zName = kFileSystem;
    ours.xFullPathname = keep_name;
    return sqlite3_vfs_register(&ours, 0);
  }();
  if (code != SQLITE_OK) throw IoError("SQLite: cannot register access to files");
}

[[noreturn]] void fail(const std::string& path, const char* what, int code, const char* words) {
  const std::string message = path + ": cannot " + what + ": " + words;
  switch (code & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
    case SQLITE_ERROR:  // a table or column that is not there
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
      throw FormatError(message + "; the catalog is damaged or not ours");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw IoError(message + " (another process kept it locked for a minute)");
    default:
      break;
  }
  if (code == SQLITE_READONLY_ROLLBACK || code == SQLITE_READONLY_RECOVERY ||
      code == SQLITE_READONLY_CANTINIT || code == SQLITE_READONLY_DIRECTORY) {
    throw IoError(message +
                  "; a writer was killed here and its commit must be rolled back first: open the "
                  "index once with write permission (maxsimd verify does)");
  }
  throw IoError(message);
}

}  // namespace

void Statement::check(int code, const char* what) const {
  if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return;
  sqlite3* database = sqlite3_db_handle(s_.get());
  fail(path_, what, sqlite3_extended_errcode(database), sqlite3_errmsg(database));
}

Statement& Statement::bind(int parameter, int64_t value) {
  check(sqlite3_bind_int64(s_.get(), parameter, value), "bind a number");
  return *this;
}

Statement& Statement::bind(int parameter, double value) {
  check(sqlite3_bind_double(s_.get(), parameter, value), "bind a number");
  return *this;
}

Statement& Statement::bind(int parameter, std::string_view value) {
  // A null pointer would bind NULL.
  const char* data = value.data() == nullptr ? "" : value.data();
  check(sqlite3_bind_text64(s_.get(), parameter, data, value.size(), SQLITE_STATIC, SQLITE_UTF8),
        "bind a text");
  return *this;
}

Statement& Statement::bind(int parameter, std::span<const std::byte> value) {
  if (value.empty()) {
    check(sqlite3_bind_zeroblob(s_.get(), parameter, 0), "bind bytes");
  } else {
    check(sqlite3_bind_blob64(s_.get(), parameter, value.data(), value.size(), SQLITE_STATIC),
          "bind bytes");
  }
  return *this;
}

Statement& Statement::bind_null(int parameter) {
  check(sqlite3_bind_null(s_.get(), parameter), "bind");
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(s_.get());
  check(code, sqlite3_stmt_readonly(s_.get()) != 0 ? "read" : "write");
  return code == SQLITE_ROW;
}

void Statement::run() {
  while (step()) {
  }
  reset();
}

void Statement::reset() noexcept {
  sqlite3_reset(s_.get());
}

uint64_t Statement::column_number(int column) const {
  const int64_t value = sqlite3_column_int64(s_.get(), column);
  if (sqlite3_column_type(s_.get(), column) != SQLITE_INTEGER || value < 0) {
    throw FormatError(path_ + ": column " + sqlite3_column_name(s_.get(), column) +
                      ": expected a number of at least 0; the catalog is damaged");
  }
  return static_cast<uint64_t>(value);
}

std::string_view Statement::column_text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(s_.get(), column));
  if (text == nullptr) return {};
  return {text, static_cast<size_t>(sqlite3_column_bytes(s_.get(), column))};
}

std::span<const std::byte> Statement::column_blob(int column) const {
  const auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(s_.get(), column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<size_t>(sqlite3_column_bytes(s_.get(), column))};
}

Database::Database(const std::filesystem::path& path, int flags)
    : path_(path.string()), folder_(path.parent_path()) {
  register_file_system();
  sqlite3* database = nullptr;
  // Absolute: a name that begins with "file:" would be taken for a URI.
  const std::string name = (folder_.path() / path.filename()).string();
  const int code =
      sqlite3_open_v2(name.c_str(), &database, flags | SQLITE_OPEN_NOMUTEX, kFileSystem);
  db_.reset(database);
  if (code != SQLITE_OK) {
    fail(path_, "open", code, database == nullptr ? "out of memory" : sqlite3_errmsg(database));
  }
  sqlite3_extended_result_codes(database, 1);
  sqlite3_busy_timeout(database, kBusyTimeoutMs);
  // The file may come from anywhere: what its schema says is not trusted.
  sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
}

bool Database::has_rollback_format() const {
  // Through SQLite's own handle: closing another one would release its locks on the file.
  constexpr int kOffset = 18;  // the write and the read version (sqlite.org/fileformat.html, 1.3)
  unsigned char versions[2] = {};
  sqlite3_file* file = nullptr;
  if (sqlite3_file_control(db_.get(), "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK ||
      file == nullptr || file->pMethods == nullptr ||
      file->pMethods->xRead(file, versions, sizeof(versions), kOffset) != SQLITE_OK) {
    return false;
  }
  return versions[0] == 1 && versions[1] == 1;
}

Statement Database::prepare(std::string_view sql) const {
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v2(db_.get(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  if (code != SQLITE_OK) {
    fail(path_, "read", sqlite3_extended_errcode(db_.get()), sqlite3_errmsg(db_.get()));
  }
  return {statement, path_};
}

void Database::execute(const char* sql) const {
  if (sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
    fail(path_, "use", sqlite3_extended_errcode(db_.get()), sqlite3_errmsg(db_.get()));
  }
}

void Database::roll_back() const noexcept {
  // Fails when SQLite has rolled back by itself already, which is what is wanted.
  sqlite3_exec(db_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

Transaction::Transaction(const Database& database, Kind kind) : database_(database) {
  database.execute(kind == Kind::write ? "BEGIN IMMEDIATE" : "BEGIN");
}

Transaction::~Transaction() {
  if (open_) database_.roll_back();
}

void Transaction::commit() {
  database_.execute("COMMIT");
  open_ = false;
}

}  // namespace maxsimd::detail
