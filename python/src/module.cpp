// The extension module maxsimd._maxsimd: the library for the Python package beside it, which gives
// it PyLate's names. Nothing here is for users to call.
#include <nanobind/nanobind.h>

#include "python/src/bindings.h"

NB_MODULE(_maxsimd, module) {
  using namespace maxsimd::python;
  module.attr("__version__") = MAXSIMD_VERSION;
  bind_errors(module);
  bind_model(module);
  bind_index(module);
  bind_scores(module);
  bind_evaluation(module);
  bind_hub(module);
  bind_hyperparameters(module);
}
