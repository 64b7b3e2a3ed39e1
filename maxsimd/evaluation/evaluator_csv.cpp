#include "maxsimd/evaluation/evaluator_csv.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/python_float.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;

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
  std::string line = "epoch,steps";
  for (const std::string& header : csv.headers) line.append(",").append(header);
  return line.append(csv.line_end);
}

std::string row_line(const EvaluationContext& context, const EvaluatorCsv& csv) {
  std::string line = context.epoch == -1 ? "-1" : python_float(context.epoch);
  line.append(",").append(std::to_string(context.steps));
  for (const double value : csv.values) line.append(",").append(python_float(value));
  return line.append(csv.line_end);
}

}  // namespace

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
