// Rankings under the ids that callers know.
#pragma once

#include <string>
#include <vector>

#include "maxsimd/base/types.h"
#include "maxsimd/search/top_k.h"

namespace maxsimd {

/// `name` gives the id of a document: something a string can be made of.
template <class Name>
std::vector<std::vector<Hit>> named_hits(const std::vector<std::vector<ScoredDocument>>& rankings,
                                         Name name) {
  std::vector<std::vector<Hit>> hits;
  hits.reserve(rankings.size());
  for (const auto& ranking : rankings) {
    std::vector<Hit>& of_query = hits.emplace_back();
    of_query.reserve(ranking.size());
    for (const ScoredDocument& found : ranking) {
      of_query.push_back({std::string(name(found.document)), found.score});
    }
  }
  return hits;
}

}  // namespace maxsimd
