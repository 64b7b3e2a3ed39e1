#include "maxsimd/evaluation/identical_ids.h"

#include <algorithm>
#include <string_view>

#include "maxsimd/data/id_table.h"

namespace maxsimd {

bool remove_identical_id(const std::string& query_id, std::vector<Hit>& hits, size_t k) {
  const auto removed = std::erase_if(hits, [&](const Hit& hit) { return hit.id == query_id; });
  if (hits.size() > k) hits.erase(hits.begin() + static_cast<std::ptrdiff_t>(k), hits.end());
  return removed > 0;
}

size_t remove_identical_ids(Run& run, size_t k) {
  size_t removed = 0;
  for (auto& [query, hits] : run) {
    if (remove_identical_id(query, hits, k)) ++removed;
  }
  return removed;
}

size_t count_identical_ids(std::span<const std::string> query_ids,
                           std::span<const std::string> document_ids) {
  IdTable queries;
  for (const std::string& id : query_ids) queries.insert(id, 0);
  return static_cast<size_t>(std::ranges::count_if(
      document_ids, [&queries](const std::string& id) { return queries.contains(id); }));
}

std::string identical_ids_note(size_t num_shared, size_t num_queries, bool are_ignored) {
  const std::string counts = std::to_string(num_shared) + " of " + std::to_string(num_queries) +
                             " query ids are also document ids; ";
  if (are_ignored) {
    return counts +
           "hits with the query's own id are dropped (--ignore-identical-ids is on, as in "
           "BEIR's own tool)";
  }
  if (num_shared == 0) return "";
  return counts +
         "hits with the query's own id count (--ignore-identical-ids is off; turn it on if "
         "queries are documents of this corpus, as in ArguAna and Quora)";
}

}  // namespace maxsimd
