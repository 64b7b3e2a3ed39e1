// The CSV files in which evaluators keep their history, as PyLate and sentence-transformers write
// them: columns epoch, steps, then the metrics; a row a call is appended; a new file gets the
// header.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "maxsimd/evaluation/evaluator.h"

namespace maxsimd {

struct EvaluatorCsv {
  std::string file_name;                 // in EvaluationContext::output_path
  std::span<const std::string> headers;  // of the metrics
  std::span<const double> values;        // [headers]
  std::string_view line_end = "\n";      // Python's csv.writer: "\r\n"
};

/// Appends a row and makes the folder where it is missing; nothing without an output_path. A last
/// line that was cut off (a crash) is ended first. Throws IoError.
void append_csv(const EvaluationContext& context, const EvaluatorCsv& csv);

/// Takes the rows of later steps than `last_step` out of the evaluators' CSV files of a folder, and
/// last lines that were cut off: of evaluations that came to no end, or that a resumed run does
/// again. Other files stay as they are. Throws IoError.
void drop_csv_rows_after(int64_t last_step, const std::filesystem::path& folder);

/// "_NAME", or "" for no name: what PyLate puts into file names. Throws std::invalid_argument for a
/// name that cannot be part of a file name (a '/', a control character).
std::string file_name_part(const std::string& name);

}  // namespace maxsimd
