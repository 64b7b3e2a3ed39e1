#include "maxsimd/data/table_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <utility>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/base/json.h"
#include "maxsimd/data/csv.h"
#include "maxsimd/data/documents.h"
#include "maxsimd/data/fields.h"
#include "maxsimd/data/gunzip_stream.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;
using Problem = std::optional<std::string>;

constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";
constexpr std::string_view kBlank = " \t\r";

// The first line of the bytes, as LineReader gives it.
std::string_view first_line(std::string_view bytes) {
  std::string_view line = bytes.substr(0, bytes.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(kBlank) == std::string_view::npos;
}

template <class Take>
void unpack(const fs::path& path, Take take) {
  const std::unique_ptr<ByteSource> source = open_byte_source(path);
  std::vector<char> buffer(size_t{1} << 20);
  while (const size_t count = source->read(buffer)) take(std::string_view(buffer.data(), count));
}

// As pandas calls a column without a name (the index that to_csv() writes, for one).
void name_the_nameless(std::vector<std::string>& names) {
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) names[i] = "Unnamed: " + std::to_string(i);
  }
}

}  // namespace

std::optional<TableFormat> table_format_by_name(const fs::path& path) {
  if (const auto format = record_format_by_name(path)) {
    return *format == RecordFormat::tsv ? TableFormat::tsv : TableFormat::json_lines;
  }
  std::string name = path.filename().string();
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  if (name.ends_with(".csv") || name.ends_with(".csv.gz")) return TableFormat::csv;
  return std::nullopt;
}

TableFile TableFile::open(const fs::path& path, const TableOptions& options) {
  const std::optional<TableFormat> format = table_format_by_name(path);
  if (!format) {
    throw std::invalid_argument(
        path.string() +
        ": cannot tell the format; expected .jsonl, .csv or .tsv (or those with .gz)" +
        (path.extension() == ".parquet" ? "; convert Parquet files to one of them first" : ""));
  }
  return {path.string(), *format, read_bytes(path, options), options};
}

TableFile TableFile::from_memory(std::string_view bytes, std::string name, TableFormat format,
                                 const TableOptions& options) {
  return {std::move(name), format, bytes, options};
}

TableFile::TableFile(std::string name, TableFormat format, Bytes bytes, const TableOptions& options)
    : name_(std::move(name)),
      format_(format),
      bytes_(std::move(bytes)),
      positional_(options.tsv.names) {
  check_line_ends();
  format == TableFormat::csv ? find_records(options.max_row_bytes) : find_lines(options);
}

// Without this such a file would be one line: a header and no rows, or one broken row.
void TableFile::check_line_ends() const {
  const std::string_view bytes = text();
  if (bytes.find('\n') != bytes.npos) return;
  const size_t cr = bytes.find('\r');
  if (cr == bytes.npos || is_blank(bytes.substr(cr))) return;
  throw FormatError(name_ +
                    ": its lines end with CR alone; expected LF or CR LF (convert it with "
                    "tr '\\r' '\\n')");
}

TableFile::Bytes TableFile::read_bytes(const fs::path& path, const TableOptions& options) {
  std::error_code ignored;  // opening it says what is wrong
  if (fs::is_regular_file(path, ignored)) {
    MappedFile file = MappedFile::open(path);
    if (!is_gzip(file.text())) return file;
  }
  if (options.temporary_folder.empty()) {
    std::string bytes;
    unpack(path, [&](std::string_view piece) { bytes.append(piece); });
    return bytes;
  }
  // Never committed: the file goes with its writer, the mapping stays.
  AtomicFileWriter file(options.temporary_folder / "maxsimd-table");
  unpack(path, [&](std::string_view piece) { file.write(piece); });
  return file.map();
}

void TableFile::find_lines(const TableOptions& options) {
  LineReader lines(memory_byte_source(text()), name_, options.max_row_bytes);
  std::vector<std::string_view> fields;
  while (const std::optional<std::string_view> line = lines.next_nonblank()) {
    if (format_ == TableFormat::tsv && lines.line_number() == 1 && options.tsv.is_header) {
      split_tab_fields(*line, fields);
      if (options.tsv.is_header(fields)) {
        take_header({fields.begin(), fields.end()});
        continue;
      }
    }
    starts_.push_back(lines.line_offset());
  }
}

void TableFile::find_records(size_t max_row_bytes) {
  const std::string_view bytes = text();
  if (const auto encoding = detect_wide_encoding(bytes.substr(0, 4))) {
    throw FormatError(name_ + ": " + wide_encoding_problem(*encoding));
  }
  bool has_header = false;
  size_t at = bytes.starts_with(kUtf8Mark) ? kUtf8Mark.size() : 0;
  while (at < bytes.size()) {
    const std::optional<size_t> length = csv_record_length(bytes.substr(at));
    if (!length) {
      throw FormatError(place(at) +
                        ": a field in quotes of the record that begins here has no end");
    }
    if (*length > max_row_bytes) {
      throw FormatError(place(at) + ": the record has " + std::to_string(*length) +
                        " bytes; expected at most " + std::to_string(max_row_bytes));
    }
    if (!is_blank(first_line(bytes.substr(at, *length)))) {
      if (has_header) {
        starts_.push_back(at);
      } else {
        std::vector<std::string> names;
        const Problem problem = parse_csv_record(bytes.substr(at, *length), names);
        if (problem) throw FormatError(place(at) + ": " + *problem);
        take_header(std::move(names));
        has_header = true;
      }
    }
    at += *length;
  }
}

void TableFile::take_header(std::vector<std::string> names) {
  std::set<std::string_view> seen;
  name_the_nameless(names);
  for (const std::string& name : names) {
    if (find_invalid_utf8_fast(name)) throw FormatError(name_ + ": the header is not UTF-8");
    if (!seen.insert(name).second) {
      throw FormatError(name_ + ": two columns are called '" + name +
                        "'; expected a name of its own for each");
    }
  }
  header_ = std::move(names);
}

std::string_view TableFile::text() const {
  if (const auto* file = std::get_if<MappedFile>(&bytes_)) return file->text();
  if (const auto* unpacked = std::get_if<std::string>(&bytes_)) return *unpacked;
  return std::get<std::string_view>(bytes_);
}

// From its start to that of the next row: its line end and blank lines are at the end.
std::string_view TableFile::bytes_of(uint64_t row) const {
  const size_t begin = starts_[row];
  const size_t end = row + 1 < starts_.size() ? starts_[row + 1] : text().size();
  return text().substr(begin, end - begin);
}

std::string TableFile::place(uint64_t offset) const {
  const std::string_view before = text().substr(0, offset);
  return name_ + ":" + std::to_string(1 + std::ranges::count(before, '\n'));
}

std::string TableFile::where(uint64_t row) const {
  return place(starts_.at(row));
}

std::string TableFile::column_name(size_t column) const {
  if (!header_.empty()) return header_[column];
  if (column < positional_.size()) return positional_[column];
  return positional_.back() + "_" + std::to_string(column - positional_.size() + 2);
}

std::vector<std::string> TableFile::columns() const {
  if (!header_.empty() || starts_.empty()) return header_;
  std::vector<std::string> names;
  if (format_ == TableFormat::json_lines) {
    row(0);  // an object, each key once
    JsonMembers members;
    parse_json_apart(first_line(bytes_of(0)), where(0), {}, members);
    for (auto& [name, value] : members) names.push_back(std::move(name));
    return names;
  }
  std::vector<std::string> fields;
  if (const Problem problem = read_fields(0, fields)) throw FormatError(where(0) + ": " + *problem);
  for (size_t i = 0; i < fields.size(); ++i) names.push_back(column_name(i));
  return names;
}

std::optional<std::string> TableFile::read_fields(uint64_t row,
                                                  std::vector<std::string>& fields) const {
  if (format_ == TableFormat::csv) {
    if (Problem problem = parse_csv_record(bytes_of(row), fields)) return problem;
  } else {
    std::vector<std::string_view> views;
    split_tab_fields(first_line(bytes_of(row)), views);
    fields.assign(views.begin(), views.end());
  }
  if (!header_.empty() && fields.size() != header_.size()) {
    return std::to_string(fields.size()) + " fields; the header names " +
           std::to_string(header_.size()) + " columns";
  }
  return std::nullopt;
}

std::optional<std::string> TableFile::read(uint64_t row, nlohmann::json& cells) const {
  const std::string_view bytes = bytes_of(row);
  if (Problem problem = utf8_problem(bytes, starts_[row])) return problem;
  if (format_ == TableFormat::json_lines) {
    const std::string_view line = first_line(bytes);
    if (Problem problem = try_parse_json(
            line, cells, {.max_bytes = line.size(), .reject_duplicate_keys = true})) {
      return problem;
    }
    if (!cells.is_object()) return "expected one JSON object a line";
    return std::nullopt;
  }
  std::vector<std::string> fields;
  if (Problem problem = read_fields(row, fields)) return problem;
  cells = nlohmann::json::object();
  for (size_t i = 0; i < fields.size(); ++i) cells[column_name(i)] = std::move(fields[i]);
  return std::nullopt;
}

nlohmann::json TableFile::row(uint64_t row) const {
  nlohmann::json cells;
  if (const Problem problem = read(row, cells)) throw FormatError(where(row) + ": " + *problem);
  return cells;
}

}  // namespace maxsimd
