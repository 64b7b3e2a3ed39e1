// Queries that are documents of the corpus (ArguAna, Quora) find themselves first. BEIR's own tool
// drops such a hit by its id; here that is asked for (`--ignore-identical-ids`), because in other
// sets query 7 and document 7 have nothing to do with each other (SciFact: both are plain numbers).
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "maxsimd/data/run.h"

namespace maxsimd {

/// Removes the hit whose id is the query's own and keeps the first k of the rest. Fetch k + 1 so
/// that k remain. Returns whether there was one.
bool remove_identical_id(const std::string& query_id, std::vector<Hit>& hits, size_t k);

/// The same for every query of a run; returns how many hits were removed.
size_t remove_identical_ids(Run& run, size_t k);

/// How many of the query ids are document ids, too.
size_t count_identical_ids(std::span<const std::string> query_ids,
                           std::span<const std::string> document_ids);

/// A line for the user that names the flag, its value and what it does; empty when no ids are
/// shared and the flag is off.
std::string identical_ids_note(size_t num_shared, size_t num_queries, bool are_ignored);

}  // namespace maxsimd
