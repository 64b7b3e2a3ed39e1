#include "maxsimd/collection/subset.h"

#include "maxsimd/index/where.h"

namespace maxsimd {

std::optional<Filter> subset_filter(const Index& index, const Subset& subset) {
  std::optional<Filter> filter;
  if (subset.ids) filter = index.filter_ids(*subset.ids);
  if (subset.where) {
    Filter satisfied = index.filter_where(Where::parse(*subset.where));
    if (filter) {
      filter->intersect(satisfied);
    } else {
      filter = std::move(satisfied);
    }
  }
  return filter;
}

}  // namespace maxsimd
