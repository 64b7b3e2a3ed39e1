// Documents' ids: str or int in Python, text in the library, back as they were given.
#pragma once

#include <nanobind/nanobind.h>

#include <string>
#include <vector>

#include "maxsimd/base/types.h"
#include "maxsimd/index/catalog.h"

namespace maxsimd::python {

struct Ids {
  std::vector<std::string> texts;
  IdType type = IdType::string;
};

/// Reads a list of str or of integers (int, NumPy's). Throws nanobind::type_error, beginning with
/// `what`, for a mix and for anything else.
Ids to_ids(nanobind::handle ids, const char* what);

/// The id as Python has it.
nanobind::object from_id(const std::string& id, IdType type);

/// Lists of {"id", "score"}, best first, one a query.
nanobind::list to_results(const std::vector<std::vector<Hit>>& hits, IdType type);

}  // namespace maxsimd::python
