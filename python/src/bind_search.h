// The part of IndexHandle's bindings that searches.
#pragma once

#include <nanobind/nanobind.h>

#include "python/src/index_handle.h"

namespace maxsimd::python {

void bind_search(nanobind::module_& module, nanobind::class_<IndexHandle>& index);

}  // namespace maxsimd::python
