// What the mine verb reads: pairs of a question and its answer, and the documents to find negatives
// among.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/corpus.h"
#include "maxsimd/data/training_rows.h"
#include "maxsimd/evaluation/mining_pairs.h"

namespace maxsimd::cli {

/// Where the documents come from, as flags.
struct MiningCorpus {
  std::vector<std::filesystem::path> files;  // empty: the answers of the data
  std::string
      positive_ids;  // column of the data with the ids of a question's answers; may be empty
  bool without_titles = false;
};

/// `documents` has those of the corpus, then the answers that the corpus lacks; ids are their
/// numbers in `pairs`, in decimal.
struct MiningData {
  MiningPairs pairs;
  Corpus documents;
};

/// Reads all, with progress bars. Of the rows the first two columns count. Throws as
/// read_documents() and TrainingRows::row(), FormatError (file:line) for an id that no document
/// has.
MiningData read_mining_data(const TrainingRows& rows, const MiningCorpus& corpus);

}  // namespace maxsimd::cli
