// Which documents a search may return, as a user says it: by a condition, by their ids, or both.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "maxsimd/index/filter.h"
#include "maxsimd/index/index.h"

namespace maxsimd {

struct Subset {
  std::optional<std::string> where;             // index/where.h has the grammar
  std::optional<std::vector<std::string>> ids;  // unknown ones are passed over; an empty list
                                                // allows nothing
};

/// The filter for a search of this snapshot; nothing when all documents are welcome. Throws
/// std::invalid_argument (a malformed condition), IoError.
std::optional<Filter> subset_filter(const Index& index, const Subset& subset);

}  // namespace maxsimd
