// Relevance judgments, from the two formats they come in, told apart by the first line:
//   TREC   query-id iteration document-id grade   four columns, any white space
//   BEIR   query-id TAB corpus-id TAB score       three columns; the header line is optional
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "maxsimd/data/line_reader.h"

namespace maxsimd {

/// query id -> document id -> grade. A grade above 0 is relevant, 0 and below are not.
using Judgments = std::map<std::string, int32_t>;
using Qrels = std::map<std::string, Judgments>;

/// Reads a qrels file, plain or gzip. The same judgment twice is taken once; two grades for one
/// document are an error. Throws IoError, FormatError (file:line).
Qrels read_qrels(const std::filesystem::path& path);
Qrels read_qrels(LineReader& lines);

}  // namespace maxsimd
