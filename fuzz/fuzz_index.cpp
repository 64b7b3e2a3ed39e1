// A small real index whose catalog, marker file or journal is damaged, forged or replaced: every
// reader and writer of it ends in a FormatError or IoError, or in answers that agree with each
// other; and an index that verify finds whole stays whole under a writer. The first byte says how:
//   c, m, j, b  patches of catalog.sqlite, maxsimd.json, a journal of the catalog, codebook.bin
//   (see
//             patch())
//   C, M, J, B  the other bytes are that whole file
//   f, F      as m, M, with maxsimd.json's checksum made to fit again
//   s         the other bytes are SQL, run on the catalog: a forger who knows SQLite and checksums
// With a p before it, the index is of kind plaid.
#include <sqlite3.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/base/checksum.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/index/index_writer.h"
#include "maxsimd/index/verify.h"

namespace {

using namespace maxsimd;
using nlohmann::json;
namespace fs = std::filesystem;

constexpr size_t kDim = 4;
const IndexWriterOptions kSmall = {.num_centroids = 3, .fewest_listed_vectors = 4};
const std::string kCatalog = "catalog.sqlite", kSettings = "maxsimd.json",
                  kJournal = "catalog.sqlite-journal", kCodebook = "centroids-2/codebook.bin";

void require(bool condition) {
  if (!condition) std::abort();
}

std::string read_bytes(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_bytes(const fs::path& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  require(bool(file.write(bytes.data(), static_cast<std::streamsize>(bytes.size())).flush()));
}

// Documents "first" to "first + count - 1" of one or two vectors each.
void add(IndexWriter& writer, size_t first, size_t count) {
  std::vector<std::string> ids, metadata, texts;
  Embeddings embeddings;
  embeddings.dim = kDim;
  for (size_t d = first; d < first + count; ++d) {
    ids.push_back(std::to_string(d));
    metadata.push_back(std::string("{\"year\": ").append(std::to_string(d)).append("}"));
    texts.push_back(std::string("text ").append(std::to_string(d)));
    for (size_t row = 0; row <= d % 2; ++row) {
      embeddings.values.insert(embeddings.values.end(), {1.0F, 0.5F, -0.5F, 0.25F});
    }
    embeddings.offsets.push_back(embeddings.offsets.back() + 1 + d % 2);
  }
  writer.add({.ids = ids, .embeddings = &embeddings, .metadata = metadata, .texts = texts});
}

/// The folder under test, and the bytes it starts from: made once.
class PristineIndex {
 public:
  explicit PristineIndex(IndexKind kind) : kind_(kind) {
    const bool has_memory = ::access("/dev/shm", W_OK) == 0;
    std::string name = (has_memory ? fs::path("/dev/shm") : fs::temp_directory_path()).string();
    name.append("/maxsimd-fuzz-XXXXXX");
    require(::mkdtemp(name.data()) != nullptr);
    root_ = name;
    build();
    for (const auto& entry : fs::recursive_directory_iterator(folder())) {
      if (entry.is_regular_file()) files_[entry.path().string()] = read_bytes(entry.path());
    }
  }
  ~PristineIndex() {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }

  fs::path folder() const { return root_ / "index"; }

  std::string bytes(const std::string& name) const {
    const auto found = files_.find((folder() / name).string());
    return found == files_.end() ? std::string() : found->second;
  }

  void restore() const {
    fs::remove_all(folder());
    for (const auto& [path, bytes] : files_) {
      fs::create_directories(fs::path(path).parent_path());
      write_bytes(path, bytes);
    }
  }

 private:
  // Two segments with holes, one dropped, rows of removed documents, a codebook: all that a catalog
  // knows.
  void build() const {
    IndexSettings settings = {.dim = kDim, .kind = kind_, .store_text = true};
    if (kind_ == IndexKind::plaid) {
      settings.codec = Codec::residual;
      settings.nbits = 2;
    }
    IndexWriter writer = IndexWriter::create(folder(), settings, kSmall);
    add(writer, 0, 6);
    writer.optimize();
    add(writer, 4, 5);
    writer.commit();
    add(writer, 20, 1);
    writer.commit();
    writer.remove(std::vector<std::string>{"1", "7", "20"});
    writer.commit();
  }

  IndexKind kind_;
  fs::path root_;
  std::map<std::string, std::string> files_;
};

// Each patch: its offset in two bytes (low first), a number of bytes, and these bytes. None of
// them: the file ends at the offset.
std::string patch(std::string whole, std::string_view patches) {
  while (patches.size() >= 3) {
    const auto byte = [&](size_t i) {
      return static_cast<size_t>(static_cast<uint8_t>(patches[i]));
    };
    const size_t offset = byte(0) | byte(1) << 8;
    const std::string_view bytes = patches.substr(3, byte(2));
    patches.remove_prefix(3 + bytes.size());
    if (whole.size() < offset + bytes.size() || bytes.empty()) whole.resize(offset);
    whole.replace(offset, bytes.size(), bytes);
  }
  return whole;
}

// xxh(...): the checksum of its arguments, numbers as eight bytes, others as they are.
void sql_checksum(sqlite3_context* context, int count, sqlite3_value** values) {
  Checksum sum;
  for (int v = 0; v < count; ++v) {
    if (sqlite3_value_type(values[v]) == SQLITE_INTEGER) {
      const int64_t number[] = {sqlite3_value_int64(values[v])};
      sum.update(std::as_bytes(std::span(number)));
    } else if (sqlite3_value_type(values[v]) == SQLITE_FLOAT) {
      const double number[] = {sqlite3_value_double(values[v])};
      sum.update(std::as_bytes(std::span(number)));
    } else {
      const auto* bytes = static_cast<const std::byte*>(sqlite3_value_blob(values[v]));
      sum.update({bytes, static_cast<size_t>(sqlite3_value_bytes(values[v]))});
    }
  }
  sqlite3_result_int64(context, static_cast<int64_t>(sum.value()));
}

constexpr const char* kRepair = R"(
UPDATE state SET checksum = xxh(commit_number, next_sequence, next_segment,
  CASE id_type WHEN 'string' THEN 1 WHEN 'integer' THEN 2 ELSE 0 END, purged_commit);
UPDATE segments SET checksum = xxh(number, num_documents, num_vectors, header_checksum, live);
UPDATE codebooks SET checksum = xxh(number, header_checksum, num_added, added_error);
UPDATE documents SET checksum = xxh(sequence, length(CAST(id AS BLOB)),
  coalesce(length(CAST(metadata AS BLOB)), 0), coalesce(length(CAST(text AS BLOB)), 0), id, metadata,
  text);
)";

// A forger changes this file, whose checksums he makes to fit again; he does not open others or
// keep the fuzzer busy.
void run_sql(const fs::path& catalog, const std::string& sql) {
  sqlite3* database = nullptr;
  require(sqlite3_open(catalog.c_str(), &database) == SQLITE_OK);
  sqlite3_create_function(database, "xxh", -1, SQLITE_UTF8, nullptr, sql_checksum, nullptr,
                          nullptr);
  sqlite3_limit(database, SQLITE_LIMIT_LENGTH, 1 << 20);
  int steps = 200;
  const auto stop = [](void* left) { return --*static_cast<int*>(left) < 0 ? 1 : 0; };
  sqlite3_progress_handler(database, 1000, stop, &steps);
  const auto judge = [](void*, int action, const char*, const char*, const char*, const char*) {
    return action == SQLITE_ATTACH ? SQLITE_DENY : SQLITE_OK;
  };
  sqlite3_set_authorizer(database, judge, nullptr);
  for (const char* part : {sql.c_str(), kRepair}) {
    sqlite3_exec(database, part, nullptr, nullptr, nullptr);
  }
  require(sqlite3_close(database) == SQLITE_OK);
}

std::string forged_settings(const std::string& bytes) {
  json settings = json::parse(bytes, nullptr, false);
  if (!settings.is_object()) return bytes;
  settings.erase("checksum");
  const std::string text = settings.dump(-1, ' ', false, json::error_handler_t::replace);
  char digits[17];
  std::snprintf(digits, sizeof(digits), "%016llx",
                static_cast<unsigned long long>(checksum(std::as_bytes(std::span(text)))));
  settings["checksum"] = digits;
  return settings.dump(-1, ' ', false, json::error_handler_t::replace);
}

void damage(const PristineIndex& index, char how, std::string_view rest) {
  if (how == 's') return run_sql(index.folder() / kCatalog, std::string(rest));
  const bool is_whole = how >= 'A' && how <= 'Z';
  const char file = static_cast<char>(how | 0x20);
  const std::string name = file == 'm' || file == 'f' ? kSettings
                           : file == 'j'              ? kJournal
                           : file == 'b'              ? kCodebook
                                                      : kCatalog;
  if (!fs::exists((index.folder() / name).parent_path())) return;  // no codebook
  const std::string bytes = is_whole ? std::string(rest) : patch(index.bytes(name), rest);
  write_bytes(index.folder() / name, file == 'f' ? forged_settings(bytes) : bytes);
}

/// Calls; false when it throws what a damaged index may.
template <class Call>
bool succeeds(const Call& call) {
  try {
    call();
    return true;
  } catch (const FormatError&) {
  } catch (const IoError&) {
  }
  return false;
}

void check_document(const Index& index, DocId document) {
  const CodedRows rows = index.rows(document);
  size_t sum = 0;
  for (const std::byte code : rows.codes) sum += static_cast<size_t>(code);
  require(decode(rows, index.kernels()).size() == rows.num_rows() * kDim);
  require(rows.num_rows() <= index.num_tokens() && sum <= rows.codes.size() * 255);
  require(index.find(index.id(document)).has_value());
}

void check_rows(const Index& index, const std::vector<DocId>& documents) {
  const std::vector<DocumentRecord> records = index.records(documents);
  require(records.size() == documents.size());
  for (size_t d = 0; d < documents.size(); ++d) require(records[d].sequence == documents[d]);
}

void read(const fs::path& folder) {
  const Index index = Index::open(folder);
  const std::vector<DocId> documents = index.documents();
  require(documents.size() == index.size() && index.size() <= index.num_slots());
  for (const DocId document : documents) check_document(index, document);
  succeeds([&] { check_rows(index, documents); });
  succeeds([&] {
    const Filter filter = index.filter_where(Where::parse("year >= 4 AND NOT year = 9"));
    require(filter.count() <= index.size());
  });
  succeeds([&] { index.bytes_per_token(); });
  require(index.refresh().commit() == index.commit());
}

bool is_whole(const fs::path& folder) {
  bool whole = false;
  succeeds([&] { whole = verify_index(folder).problems.empty(); });
  return whole;
}

// What verify finds whole can be read, and says the same of a document everywhere.
void check_whole(const fs::path& folder) {
  const Index index = Index::open(folder);
  const std::vector<DocId> documents = index.documents();
  check_rows(index, documents);
  for (const DocumentRecord& record : index.records(documents)) {
    require(index.id(record.sequence) == record.id && index.find(record.id) == record.sequence);
  }
}

void write(const fs::path& folder, bool was_whole) {
  IndexWriter writer = IndexWriter::open(folder, kSmall);
  add(writer, 3, 2);
  writer.remove(std::vector<std::string>{"5", "6"});
  writer.commit();
  require(!was_whole || (writer.contains("3") && !writer.contains("5")));
  require(!was_whole || is_whole(folder));
  writer.compact();
}

void check(const fs::path& folder) {
  succeeds([&] { read(folder); });
  const bool was_whole = is_whole(folder);
  if (was_whole) check_whole(folder);
  try {
    if (!was_whole) return void(succeeds([&] { write(folder, false); }));
    write(folder, true);
  } catch (const std::invalid_argument&) {  // another dim, another type of ids
    return;
  } catch (const IoError& error) {  // the header says that only later versions of SQLite may write
    return require(std::string_view(error.what()).find("readonly") != std::string_view::npos);
  }
  require(is_whole(folder));
  check_whole(folder);
  const Index index = Index::open(folder);
  require(index.find("3") && !index.find("5") && index.num_deleted() == 0);
}

}  // namespace

// SQLite allocates much and often: without these its mallocs are most of the time.
extern "C" const char* __asan_default_options() {  // NOLINT(bugprone-reserved-identifier)
  return "quarantine_size_mb=4:malloc_context_size=2";
}
extern "C" int LLVMFuzzerInitialize(int*, char***) {
  alignas(64) static std::byte pages[200 * 4400];
  require(sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK);
  require(sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 1200, 100) == SQLITE_OK);
  require(sqlite3_config(SQLITE_CONFIG_PAGECACHE, pages, 4400, 200) == SQLITE_OK);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const PristineIndex exact(IndexKind::exact), plaid(IndexKind::plaid);
  std::string_view input(reinterpret_cast<const char*>(data), size);
  const bool is_plaid = input.starts_with('p');
  if (is_plaid) input.remove_prefix(1);
  if (input.empty()) return 0;
  const PristineIndex& index = is_plaid ? plaid : exact;
  index.restore();
  damage(index, input[0], input.substr(1));
  check(index.folder());
  return 0;
}
