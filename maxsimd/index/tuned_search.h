// Search parameters that were measured for an index (evaluation/tuning.h), kept in
// INDEX/search.json beside it: a wish, not a part of the documents, so it has no place in a commit.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>

namespace maxsimd {

struct TunedSearch {
  size_t n_ivf_probe = 0, n_full_scores = 0;  // kind plaid, or
  size_t k_token = 0, ef_search = 0;          // kind hnsw: the others are 0
  size_t k = 0;                               // hits whose recall was measured
  double recall = 0;     // of exact search's first k, on queries that did not choose
  size_t documents = 0;  // that the index had then; 0: not known (earlier versions)

  /// Whether it may stand for an index of so many documents: at most twice those of then. What
  /// finds the best of few is too little for many.
  bool suits(size_t num_documents) const {
    return documents == 0 || num_documents <= 2 * documents;
  }

  bool operator==(const TunedSearch&) const = default;
};

/// Writes FOLDER/search.json atomically. Throws IoError.
void write_tuned_search(const std::filesystem::path& folder, const TunedSearch& tuned);

/// Reads it; nothing when there is none. Throws IoError, FormatError naming the field.
std::optional<TunedSearch> read_tuned_search(const std::filesystem::path& folder);

}  // namespace maxsimd
