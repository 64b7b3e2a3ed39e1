// One function for each file of bindings; module.cpp calls them.
#pragma once

#include <nanobind/nanobind.h>

namespace maxsimd::python {

void bind_errors(nanobind::module_& module);
void bind_model(nanobind::module_& module);
void bind_index(nanobind::module_& module);
void bind_scores(nanobind::module_& module);
void bind_evaluation(nanobind::module_& module);
void bind_hub(nanobind::module_& module);
void bind_hyperparameters(nanobind::module_& module);

}  // namespace maxsimd::python
