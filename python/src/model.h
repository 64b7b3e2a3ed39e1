// A ColBERT model as Python holds it.
#pragma once

#include <nanobind/nanobind.h>

#include <memory>
#include <string>
#include <vector>

#include "maxsimd/colbert/colbert.h"
#include "python/src/folder_stamp.h"
#include "python/src/per_process.h"

namespace maxsimd::python {

/// Loads once a process, the first time it is needed there; in the constructor's process at once.
/// Thread rule: with the GIL, as PerProcess.
class Model {
 public:
  Model(const std::string& folder, const ColbertOptions& options);

  /// Throws IoError in a forked process whose folder is not what the parent loaded.
  const std::shared_ptr<ColBERT>& get() { return model_.get(); }

  /// Throws IoError where the folder is not what the model was loaded from: another model must not
  /// come in its place unsaid.
  void check_folder() const { check_unchanged(folder_, stamp_); }

 private:
  std::string folder_;
  FolderStamp stamp_;
  PerProcess<ColBERT> model_;
};

}  // namespace maxsimd::python
