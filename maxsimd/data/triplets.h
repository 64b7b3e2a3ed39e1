// Training and evaluation triplets: a query, a document that answers it, documents that do not.
//
//   JSON lines  query:    "question", "query" or "anchor"
//               positive: "answer" or "positive"
//               negative: every key that starts with "negative", a text or a list of texts
//               other keys are passed over; one role under two names is an error
//               negatives go by the length of their keys, then by bytes (negative_2, negative_10)
//   TSV         query TAB positive [TAB negative ...]; a first line `query TAB positive TAB
//               negative` (or `anchor ...`) is a header
// Plain or gzip. Memory: one line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "maxsimd/data/documents.h"
#include "maxsimd/data/line_reader.h"

namespace maxsimd {

struct Triplet {
  std::string query;
  std::string positive;
  std::vector<std::string> negatives;  // TSV: in the order of the file
};

struct TripletOptions {
  size_t min_negatives = 1;  // 0: question-answer pairs are welcome too
};

using TripletCallback = std::function<void(Triplet& triplet)>;

/// Calls back once a line, in file order; parts of the triplet may be moved away. Returns how many
/// there were. Throws IoError, FormatError (file:line), std::invalid_argument for an unknown name.
uint64_t read_triplets(const std::filesystem::path& path, const TripletOptions& options,
                       const TripletCallback& callback);
uint64_t read_triplets(LineReader& lines, RecordFormat format, const TripletOptions& options,
                       const TripletCallback& callback);

}  // namespace maxsimd
