// Where a verb writes rows: a file in the format of its name, or standard output.
//
//   .csv             RFC 4180 with a header; a cell that is no text is written as JSON
//   -                standard output, JSON lines
//   any other name   JSON lines
// With .gz behind it packed. TSV is refused: texts may hold TABs and line ends.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/json.h"
#include "maxsimd/data/gzip_stream.h"

namespace maxsimd::cli {

/// Throws CLI::ValidationError for a name that is refused, or for one of CSV where rows may differ
/// in their columns.
void check_row_output(const std::string& path, bool rows_may_differ);

/// One thread at a time. A file is there when it is complete, or not at all.
class RowOutput {
 public:
  /// `path` has passed check_row_output(). Throws IoError.
  explicit RowOutput(const std::string& path);
  ~RowOutput();

  /// Throws IoError. In CSV all rows have the columns of the first.
  void write(const nlohmann::ordered_json& row);
  void commit();

 private:
  void write_line(const std::string& line);

  bool is_csv_;
  bool has_header_ = false;
  std::optional<GzipStream> gzip_;
  std::unique_ptr<AtomicFileWriter> file_;  // null: standard output
  std::string packed_;
};

}  // namespace maxsimd::cli
