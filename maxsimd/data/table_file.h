// A table of texts in a file, whose rows are read by their numbers: what training reads in a new
// order each epoch without holding the texts in memory.
//
//   .jsonl .ndjson .json   one JSON object a line: its keys are the columns
//   .csv                   RFC 4180 (csv.h); the first record names the columns
//   .tsv                   fields between TABs, no quoting ('"' is text); TsvColumns says what the
//                          columns are
// Each also as .gz. The rules of LineReader hold: UTF-8, a byte order mark is dropped, only LF ends
// a line, blank lines are passed over (in CSV between records).
//
// A plain file is mapped, and must not change while it is read. A packed one, or a pipe, is
// unpacked once: into a file without a name in TableOptions::temporary_folder, or into memory.
// Beside that memory is 8 bytes a row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "maxsimd/base/json.h"
#include "maxsimd/base/mapped_file.h"
#include "maxsimd/data/line_reader.h"

namespace maxsimd {

enum class TableFormat { json_lines, csv, tsv };

/// The format a file's name stands for.
std::optional<TableFormat> table_format_by_name(const std::filesystem::path& path);

/// What the columns of a TSV file are: a first line that is a header, as `is_header` tells, names
/// them, and every row has one field each. Without header they are called `names`, in their order,
/// then the last of these with 2, 3 ... behind it (negative, negative_2); rows may differ in how
/// many they have.
struct TsvColumns {
  std::vector<std::string> names = {"column"};  // one at least
  std::function<bool(const std::vector<std::string_view>& fields)> is_header;
};

struct TableOptions {
  TsvColumns tsv;
  std::filesystem::path temporary_folder;  // for what is unpacked; empty: memory
  size_t max_row_bytes = kMaxLineBytes;
};

/// Thread rule: immutable after open; const methods may be called from any thread.
class TableFile {
 public:
  /// Finds the rows: one pass over the bytes, nothing is parsed but a header. Throws IoError,
  /// FormatError (gzip; UTF-16; lines that end with CR alone; a header that names a column twice;
  /// quotes without an end),
  /// std::invalid_argument for a name whose format cannot be told.
  static TableFile open(const std::filesystem::path& path, const TableOptions& options);

  /// A table in memory, which must outlive it; `name` stands for the file in messages.
  static TableFile from_memory(std::string_view bytes, std::string name, TableFormat format,
                               const TableOptions& options);

  uint64_t size() const { return starts_.size(); }  // rows
  const std::string& name() const { return name_; }
  /// Whether its columns are called by their places: a TSV file whose first line is no header.
  bool is_headerless() const { return format_ == TableFormat::tsv && header_.empty(); }

  /// The columns in the order of the file: those of the header, or of the first row. Throws
  /// FormatError when that cannot be read.
  std::vector<std::string> columns() const;

  /// Fills `cells` with the row as a JSON object: column -> value; a text where the format has
  /// nothing else. Returns what is wrong with it, without the place.
  std::optional<std::string> read(uint64_t row, nlohmann::json& cells) const;

  /// The same; throws FormatError (file:line).
  nlohmann::json row(uint64_t row) const;

  /// "file:12", the line a row begins in. Counts lines from the front of the file.
  std::string where(uint64_t row) const;

 private:
  using Bytes = std::variant<MappedFile, std::string, std::string_view>;

  TableFile(std::string name, TableFormat format, Bytes bytes, const TableOptions& options);

  static Bytes read_bytes(const std::filesystem::path& path, const TableOptions& options);
  void check_line_ends() const;
  void find_lines(const TableOptions& options);
  void find_records(size_t max_row_bytes);
  void take_header(std::vector<std::string> names);
  std::string_view text() const;
  std::string_view bytes_of(uint64_t row) const;
  std::string place(uint64_t offset) const;
  std::optional<std::string> read_fields(uint64_t row, std::vector<std::string>& fields) const;
  std::string column_name(size_t column) const;

  std::string name_;
  TableFormat format_;
  Bytes bytes_;
  std::vector<uint64_t> starts_;         // of each row, in text()
  std::vector<std::string> header_;      // empty: each row names its columns, or their places do
  std::vector<std::string> positional_;  // TsvColumns::names
};

}  // namespace maxsimd
