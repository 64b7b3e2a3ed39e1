// Relevance judgments, from the formats they come in. The first two are told apart by the first
// line, the third goes by the file's name (.jsonl):
//   TREC   query-id iteration document-id grade   four columns, any white space
//   BEIR   query-id TAB corpus-id TAB score       three columns; the header line is optional
//   JSON lines  {"query-id": "1", "corpus-id": "7", "score": 1}   as data sets of the hub are
//          exported: ids are texts or integers, corpus-id may be a list of them, a missing score is
//          1, other keys are passed over
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
Qrels read_qrels_json_lines(LineReader& lines);

}  // namespace maxsimd
