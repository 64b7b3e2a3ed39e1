// Evaluation triplets: a query, a document that answers it, documents that do not. Tables of
// table_file.h, their columns found by name as for training (training_columns.h); but here rows may
// differ in their columns, and
//   - a query or positive under two names is an error
//   - a negative column may hold a text or a list of texts
// TSV without header: query TAB positive [TAB negative ...].
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "maxsimd/data/table_file.h"

namespace maxsimd {

struct Triplet {
  std::string query;
  std::string positive;
  std::vector<std::string> negatives;
};

struct TripletOptions {
  size_t min_negatives = 1;  // 0: question-answer pairs are welcome too
};

using TripletCallback = std::function<void(Triplet& triplet)>;

/// Calls back once a row, in file order; parts of the triplet may be moved away. Returns how many
/// there were. Throws IoError, FormatError (file:line), std::invalid_argument for an unknown name.
uint64_t read_triplets(const std::filesystem::path& path, const TripletOptions& options,
                       const TripletCallback& callback);

/// The same of a table that is open already (training_tsv_columns() for TSV).
uint64_t read_triplets(const TableFile& table, const TripletOptions& options,
                       const TripletCallback& callback);

}  // namespace maxsimd
