#include "maxsimd/evaluation/evaluator_csv.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/base/python_float.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFirstColumns = "epoch,steps";
constexpr const char* kFileEnd = "_results.csv";

// Whether the file is there and not empty, and whether its last line is complete.
struct CsvState {
  bool has_rows = false;
  bool is_complete = true;
};

CsvState look_at(const fs::path& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file || file.tellg() <= 0) return {};
  file.seekg(-1, std::ios::end);
  return {.has_rows = true, .is_complete = file.get() == '\n'};
}

std::string header_line(const EvaluatorCsv& csv) {
  std::string line = kFirstColumns;
  for (const std::string& header : csv.headers) line.append(",").append(header);
  return line.append(csv.line_end);
}

std::string row_line(const EvaluationContext& context, const EvaluatorCsv& csv) {
  std::string line = context.epoch == -1 ? "-1" : python_float(context.epoch);
  line.append(",").append(std::to_string(context.steps));
  for (const double value : csv.values) line.append(",").append(python_float(value));
  return line.append(csv.line_end);
}

// Whether a row, which has its steps in the second column, is of no later step.
bool is_row_until(int64_t last_step, std::string_view row) {
  const size_t comma = row.find(',');
  if (comma == row.npos) return false;
  int64_t step = 0;
  const auto [end, error] = std::from_chars(row.data() + comma + 1, row.data() + row.size(), step);
  return error == std::errc() && step <= last_step;
}

// The header and the whole rows of no later step; "" when there are no such rows.
std::string rows_until(int64_t last_step, std::string_view text) {
  std::string kept;
  size_t num_lines = 0;
  for (size_t begin = 0, end; (end = text.find('\n', begin)) != text.npos; begin = end + 1) {
    const std::string_view line = text.substr(begin, end + 1 - begin);
    if (begin != 0 && !is_row_until(last_step, line)) continue;
    kept.append(line);
    ++num_lines;
  }
  return num_lines > 1 ? kept : "";
}

}  // namespace

void drop_csv_rows_after(int64_t last_step, const fs::path& folder) {
  if (!fs::is_directory(folder)) return;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const bool is_ours = entry.path().filename().string().ends_with(kFileEnd);
    if (is_ours && entry.is_regular_file()) files.push_back(entry.path());
  }
  for (const fs::path& file : files) {
    const std::string text = read_file(file);
    if (!text.starts_with(kFirstColumns)) continue;
    const std::string kept = rows_until(last_step, text);
    if (kept.empty()) {
      fs::remove(file);
    } else if (kept != text) {
      write_file_atomic(file, kept);
    }
  }
}

void append_csv(const EvaluationContext& context, const EvaluatorCsv& csv) {
  if (context.output_path.empty()) return;
  std::error_code error;
  fs::create_directories(context.output_path, error);
  const fs::path path = context.output_path / csv.file_name;
  const CsvState state = look_at(path);
  std::string text;
  if (!state.has_rows) text = header_line(csv);
  if (!state.is_complete) text = csv.line_end;
  text.append(row_line(context, csv));
  std::ofstream file(path, std::ios::binary | std::ios::app);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  if (!file) {
    throw IoError(path.string() + ": cannot append the row of an evaluation; is the folder there " +
                  "and writable, and is there space on the disk?");
  }
}

std::string file_name_part(const std::string& name) {
  if (name.empty()) return "";
  const bool is_bad =
      std::ranges::any_of(name, [](unsigned char c) { return c < 0x20 || c == 0x7F || c == '/'; });
  if (is_bad) {
    throw std::invalid_argument("evaluator name '" + name +
                                "': expected a name that may be part of a file name, without '/' " +
                                "and control characters");
  }
  return "_" + name;
}

}  // namespace maxsimd
