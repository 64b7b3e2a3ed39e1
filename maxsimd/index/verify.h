// Proves an index whole: every byte that is stored is read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace maxsimd {

struct VerifyReport {
  std::vector<std::string> problems;  // empty: the index is whole
  uint64_t commit = 0;
  uint64_t num_segments = 0;
  uint64_t num_documents = 0;  // live
  uint64_t num_vectors = 0;    // of all segments
  uint64_t bytes = 0;          // checked
};

/// Recomputes the checksums of every segment and of the codebook, and the inverted lists, and
/// checks offsets, ids, sequence numbers, centroids, bitmaps and the catalog against each other:
/// each live catalog row lies in exactly one segment, live, under the same id, and the other way
/// round; no id lives twice; the catalog's tables and indexes are those we make; SQLite's own
/// integrity check. Goes on after a problem to find the next. Takes no writer's lock, but a commit
/// waits while SQLite checks its own file, which for catalogs of many GB can be longer than the
/// minute it is ready to wait. Throws IoError only when there is no index at all. progress(done,
/// total) in bytes.
VerifyReport verify_index(const std::filesystem::path& folder,
                          const std::function<void(uint64_t, uint64_t)>& progress = {});

}  // namespace maxsimd
