// Knowledge distillation: a query, some documents, and a teacher's score of each.
//
//   JSON lines  {"query": "...", "documents": ["...", ...], "scores": [9.5, ...]}
//               the query may also be called "question" or "anchor"; other keys are passed over
// Plain or gzip. Memory: one line.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "maxsimd/data/line_reader.h"

namespace maxsimd {

struct DistillationRow {
  std::string query;
  std::vector<std::string> documents;  // at least one
  std::vector<double> scores;          // [documents], finite
};

using DistillationCallback = std::function<void(DistillationRow& row)>;

/// Calls back once a line, in file order; parts of the row may be moved away. Returns how many
/// there were. Throws IoError, FormatError (file:line), std::invalid_argument for a name that is
/// not of JSON lines.
uint64_t read_distillation(const std::filesystem::path& path, const DistillationCallback& callback);
uint64_t read_distillation(LineReader& lines, const DistillationCallback& callback);

}  // namespace maxsimd
