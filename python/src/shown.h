// How a message shows what was given.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <string>

namespace maxsimd::python {

/// The first 50 characters of its repr(), whole ones: cut by bytes it may be no text.
inline std::string shown(nanobind::handle value) {
  return nanobind::cast<std::string>(nanobind::repr(value)[nanobind::slice(0, 50)]);
}

}  // namespace maxsimd::python
