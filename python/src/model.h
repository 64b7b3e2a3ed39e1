// A ColBERT model as Python holds it.
#pragma once

#include <nanobind/nanobind.h>

#include <memory>
#include <string>
#include <vector>

#include "maxsimd/colbert/colbert.h"
#include "python/src/per_process.h"

namespace maxsimd::python {

/// Loads once a process, the first time it is needed there; in the constructor's process at once.
class Model {
 public:
  Model(const std::string& folder, const ColbertOptions& options);

  const std::shared_ptr<ColBERT>& get() { return model_.get(); }

 private:
  PerProcess<ColBERT> model_;
};

}  // namespace maxsimd::python
