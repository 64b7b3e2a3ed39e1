#include "cli/row_output.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "maxsimd/base/errors.h"
#include "maxsimd/data/csv.h"
#include "maxsimd/data/table_file.h"

namespace maxsimd::cli {
namespace {

constexpr const char* kStandardOutput = "-";

std::string csv_line(const nlohmann::ordered_json& row, bool of_names) {
  std::string line;
  bool is_first = true;
  for (const auto& [name, value] : row.items()) {
    if (!is_first) line += ',';
    is_first = false;
    const bool is_text = value.is_string();
    append_csv_field(line, of_names ? name : is_text ? value.get<std::string>() : value.dump());
  }
  return line + "\n";
}

}  // namespace

void check_row_output(const std::string& path, bool rows_may_differ) {
  const auto format = table_format_by_name(path);
  if (format == TableFormat::tsv) {
    throw CLI::ValidationError("--out: " + path +
                               ": rows are not written as TSV, where a text can have no TAB and "
                               "no line end; give .jsonl or .csv");
  }
  if (format == TableFormat::csv && rows_may_differ) {
    throw CLI::ValidationError("--out: " + path +
                               ": rows of CSV all have the same columns, and with "
                               "--keep-incomplete some have fewer; give .jsonl");
  }
}

RowOutput::RowOutput(const std::string& path)
    : is_csv_(table_format_by_name(path) == TableFormat::csv) {
  if (path == kStandardOutput) return;
  file_ = std::make_unique<AtomicFileWriter>(path);
  if (std::filesystem::path(path).extension() == ".gz") gzip_.emplace();
}

RowOutput::~RowOutput() = default;

void RowOutput::write(const nlohmann::ordered_json& row) {
  if (!is_csv_) return write_line(row.dump() + "\n");
  if (!has_header_) write_line(csv_line(row, true));
  has_header_ = true;
  write_line(csv_line(row, false));
}

void RowOutput::write_line(const std::string& line) {
  if (file_ == nullptr) {
    if (std::fwrite(line.data(), 1, line.size(), stdout) == line.size()) return;
    throw IoError("cannot write to standard output");
  }
  if (!gzip_.has_value()) return file_->write(line);
  gzip_->write(line, packed_);
  file_->write(packed_);
  packed_.clear();
}

void RowOutput::commit() {
  if (file_ == nullptr) return;
  if (gzip_.has_value()) {
    gzip_->finish(packed_);
    file_->write(packed_);
  }
  file_->commit();
}

}  // namespace maxsimd::cli
